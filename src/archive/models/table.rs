//! The models the program knows: name, file, size, SHA-256.
//! Facts only; refuses to guess: a model whose hash is not published is not in the table.
//!
//! Sizes and hashes are the LFS object ids of the published repository `ggerganov/whisper.cpp`
//! (revision 5359861c, multilingual models); the bundled model's are those of its card.

use super::{Spec, Supply};

/// All known models, the bundled one first, then from small to large.
pub static MODELS: &[Spec] = &[
    // The weights of `base-q8_0` with the tensors in another order.
    Spec {
        name: "base",
        file: "whisper-base-q8_0.bin",
        bytes: 81_768_585,
        sha256: "913c7bcc24c01bbdb81216ed2e16069946d4f0be1d7ab50e9ffcf03ad06b924e",
        origin: Supply::Bundled,
    },
    published(
        "tiny",
        "ggml-tiny.bin",
        77_691_713,
        "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21",
    ),
    published(
        "tiny-q5_1",
        "ggml-tiny-q5_1.bin",
        32_152_673,
        "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7",
    ),
    published(
        "tiny-q8_0",
        "ggml-tiny-q8_0.bin",
        43_537_433,
        "c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca",
    ),
    published(
        "base-f16",
        "ggml-base.bin",
        147_951_465,
        "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe",
    ),
    published(
        "base-q5_1",
        "ggml-base-q5_1.bin",
        59_707_625,
        "422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898",
    ),
    published(
        "base-q8_0",
        "ggml-base-q8_0.bin",
        81_768_585,
        "c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9",
    ),
    published(
        "small",
        "ggml-small.bin",
        487_601_967,
        "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b",
    ),
    published(
        "small-q5_1",
        "ggml-small-q5_1.bin",
        190_085_487,
        "ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb",
    ),
    published(
        "small-q8_0",
        "ggml-small-q8_0.bin",
        264_464_607,
        "49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f",
    ),
    published(
        "medium",
        "ggml-medium.bin",
        1_533_763_059,
        "6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208",
    ),
    published(
        "medium-q5_0",
        "ggml-medium-q5_0.bin",
        539_212_467,
        "19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f",
    ),
    published(
        "medium-q8_0",
        "ggml-medium-q8_0.bin",
        823_369_779,
        "42a1ffcbe4167d224232443396968db4d02d4e8e87e213d3ee2e03095dea6502",
    ),
    published(
        "large-v2",
        "ggml-large-v2.bin",
        3_094_623_691,
        "9a423fe4d40c82774b6af34115b8b935f34152246eb19e80e376071d3f999487",
    ),
    published(
        "large-v2-q5_0",
        "ggml-large-v2-q5_0.bin",
        1_080_732_091,
        "3a214837221e4530dbc1fe8d734f302af393eb30bd0ed046042ebf4baf70f6f2",
    ),
    published(
        "large-v2-q8_0",
        "ggml-large-v2-q8_0.bin",
        1_656_129_691,
        "fef54e6d898246a65c8285bfa83bd1807e27fadf54d5d4e81754c47634737e8c",
    ),
    published(
        "large-v3",
        "ggml-large-v3.bin",
        3_095_033_483,
        "64d182b440b98d5203c4f9bd541544d84c605196c4f7b845dfa11fb23594d1e2",
    ),
    published(
        "large-v3-q5_0",
        "ggml-large-v3-q5_0.bin",
        1_081_140_203,
        "d75795ecff3f83b5faa89d1900604ad8c780abd5739fae406de19f23ecd98ad1",
    ),
    published(
        "large-v3-turbo",
        "ggml-large-v3-turbo.bin",
        1_624_555_275,
        "1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69",
    ),
    published(
        "large-v3-turbo-q5_0",
        "ggml-large-v3-turbo-q5_0.bin",
        574_041_195,
        "394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2",
    ),
    published(
        "large-v3-turbo-q8_0",
        "ggml-large-v3-turbo-q8_0.bin",
        874_188_075,
        "317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1",
    ),
];

const fn published(
    name: &'static str,
    file: &'static str,
    bytes: u64,
    sha256: &'static str,
) -> Spec {
    Spec { name, file, bytes, sha256, origin: Supply::Published }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// A slip of the hand (a line copied and half edited) shows as a repeated value.
    #[test]
    fn no_name_file_size_or_hash_stands_twice() {
        let mut names = HashSet::new();
        let mut hashes = HashSet::new();
        let mut sizes = HashSet::new();
        for spec in MODELS {
            assert!(names.insert(spec.name) && names.insert(spec.file), "{}", spec.name);
            assert!(hashes.insert(spec.sha256), "{}", spec.name);
            assert!(crate::domain::Digest::new(spec.sha256).is_ok(), "{}", spec.name);
            if spec.origin == Supply::Published {
                assert!(sizes.insert(spec.bytes), "{}", spec.name);
                let published = spec.name.trim_end_matches("-f16");
                assert_eq!(spec.file, format!("ggml-{published}.bin"));
            }
        }
    }
}
