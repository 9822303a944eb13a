//! What a running program works in: the data directory and what lies where in it, the files that the
//! site serves, locks between processes, this machine, speech models. Owns paths; what stands in the
//! archive's database is the store's.

mod data_dir;
mod files;
mod locks;
pub mod machine;
pub mod models;
mod whole_file;

pub use data_dir::{DataDir, Environment};
pub use files::{Files, Folder, delete_if_there};
pub use locks::{Guard, Locks};
pub use whole_file::write_whole;
