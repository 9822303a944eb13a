//! `mitschnitt engine`: the recogniser's process, started by the program itself.

/// Serves windows from standard input until it ends; gives the exit code.
pub fn run() -> u8 {
    let served =
        crate::transcribe::serve_engine(&mut std::io::stdin().lock(), &mut std::io::stdout());
    match served {
        Ok(()) => 0,
        Err(error) => {
            note!("{error}");
            1
        }
    }
}
