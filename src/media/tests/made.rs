//! Media files made on the spot.

use std::path::Path;
use std::process::Command;

/// Runs ffmpeg with `args` and the target file.
pub fn ffmpeg(args: &[&str], target: &Path) {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(args)
        .arg(target)
        .output()
        .expect("ffmpeg is needed for this test (apt install ffmpeg)");
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}
