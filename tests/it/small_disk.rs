//! A disk so small that a test can fill it. Owns how one is mounted: at once by root, else in a name space of its
//! own, where the system allows users to make one; where neither works, that is said.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shared::skipped;

/// Set within the name space of a test.
const INSIDE: &str = "MITSCHNITT_TEST_NAMESPACE";

/// Mounted until it is dropped.
pub struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Mounts one of this size (`64m`). None where the calling test is over: it has run in a name space of its
    /// own, or cannot be run on this machine.
    pub fn mount(size: &str) -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        if disk.mounted(&format!("size={size}")) {
            return Some(disk);
        }
        run_inside();
        None
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Mounts it again with these options (`ro`, `size=128m`).
    pub fn remount(&self, options: &str) {
        assert!(self.mounted(&format!("remount,{options}")), "{options}");
    }

    /// Fills it to the last byte; gives the file to be deleted for room.
    pub fn fill(&self) -> PathBuf {
        let filler = self.path().join("voll");
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&filler).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        filler
    }

    fn mounted(&self, options: &str) -> bool {
        // Type and source are said also when it is there: else `mount` repeats options that a name space refuses.
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(self.path());
        let done = command.output();
        done.is_ok_and(|output| output.status.success())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _not_mounted = Command::new("umount").arg("--lazy").arg(self.path()).output();
    }
}

/// Runs the calling test once more, where it is root of a name space of its own.
fn run_inside() {
    let unshare = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]);
        command
    };
    let current = std::thread::current();
    let test = current.name().filter(|name| *name != "main");
    let allowed = unshare().arg("true").output().is_ok_and(|output| output.status.success());
    let (Some(test), true, None) = (test, allowed, std::env::var_os(INSIDE)) else {
        return skipped("no small disk can be mounted: neither as root nor in a name space");
    };
    let this = std::env::current_exe().unwrap();
    let ran = unshare().arg(this).args(["--exact", test]).env(INSIDE, "1").status().unwrap();
    assert!(ran.success(), "{test} failed in its name space");
}
