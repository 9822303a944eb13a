//! `mitschnitt decoder`: the process in which media files are decoded, started by the program
//! itself.

/// Serves one request from standard input; gives the exit code.
pub fn run() -> u8 {
    let served =
        crate::media::serve_decoder(&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
    match served {
        Ok(()) => 0,
        Err(error) => {
            note!("{error}");
            1
        }
    }
}
