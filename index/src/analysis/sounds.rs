//! The sounds under which names are found.

use mitschnitt_german::sound::spoken_code;

use super::parts;

/// Shortest code by which a name is found.
const MIN_SOUND: usize = 2;

/// The form under which a name is found by its sound; `None` for what is too short to tell, or no
/// name.
pub(crate) fn sound(exact: &str) -> Option<String> {
    let code = spoken_code(exact);
    let name = exact.chars().all(|c| c.is_alphabetic() || c == '-' || c == '\'');
    (code.len() >= MIN_SOUND && name).then_some(code)
}

/// The sounds of a name and of the parts of a double one.
pub(crate) fn sounds(exact: &str) -> Vec<String> {
    let parts = parts::split(exact);
    let mut sounds: Vec<String> = Vec::with_capacity(parts.len() + 1);
    for sound in std::iter::once(exact).chain(parts).filter_map(sound) {
        if !sounds.contains(&sound) {
            sounds.push(sound);
        }
    }
    sounds
}
