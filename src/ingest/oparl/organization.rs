//! OParl organizations, given as object, by id, or only by name. Owns what makes one a party.

use super::json::{Object, Ref};
use super::pool::Pool;
use crate::domain::{Organization, OrganizationId};
use crate::ingest::readable;

/// The organizations met with so far, each once.
#[derive(Debug, Default)]
pub struct Organizations(pub Vec<Organization>);

/// What a reference to an organization says.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its id, or its name where there is none.
    pub id: OrganizationId,
    /// Its name; unknown where only an address is given.
    pub name: Option<String>,
    /// OParl's `classification` or `organizationType`.
    pub classification: Option<String>,
    /// Whether the source gave a bare name instead of an object or an address.
    pub bare: bool,
}

impl Organizations {
    /// What a reference means. An organization whose name is known is kept.
    pub fn named<'a>(&mut self, reference: Ref<'a>, pool: &Pool<'a>) -> Option<Named> {
        let object = pool.organization(reference).filter(|o| !o.deleted());
        let named = match (object, reference) {
            (Some(object), _) => of_object(object)?,
            (None, Ref::Id(given)) => {
                let bare = !is_address(given);
                let id = id_of(given);
                let name = bare.then(|| id.clone());
                Named { id: OrganizationId::new(id).ok()?, name, classification: None, bare }
            }
            (None, Ref::Embedded(_)) => return None,
        };
        if let Some(name) = &named.name {
            self.keep(Organization {
                id: named.id.clone(),
                name: name.clone(),
                short_name: object.and_then(|o| o.text("shortName")),
                classification: named.classification.clone(),
            });
        }
        Some(named)
    }

    /// Keeps an organization unless it is known.
    pub fn keep(&mut self, organization: Organization) {
        if !self.0.iter().any(|known| known.id == organization.id) {
            self.0.push(organization);
        }
    }
}

fn of_object(object: Object<'_>) -> Option<Named> {
    let name = object.text("name").or_else(|| object.text("shortName"));
    let id = object.id().or(name.as_deref())?;
    let classification = object.text("classification").or_else(|| object.text("organizationType"));
    Some(Named { id: OrganizationId::new(id).ok()?, name, classification, bare: false })
}

/// The id that a reference gives: an address as it is, a name as it is read.
pub fn id_of(given: &str) -> String {
    let name = if is_address(given) { None } else { readable::line(given) };
    name.unwrap_or_else(|| given.to_owned())
}

/// Whether a text is an address rather than a name ("CDU/CSU" is a name).
pub fn is_address(text: &str) -> bool {
    text.contains("://") || text.starts_with("urn:") || text.starts_with("organization")
}

/// Whether membership in an organization in this role is membership in a party or parliamentary
/// group: by its kind, its name, the role, or, for a bare name, by being no organ of the body.
pub fn is_party(organization: &Named, role: Option<&str>) -> bool {
    let name = organization.name.as_deref().unwrap_or_default();
    if says_none(name) {
        return false;
    }
    match &organization.classification {
        Some(kind) => says_group(kind) || says_group(name),
        None => {
            says_group(name)
                || role.is_some_and(says_group)
                || organization.bare && bare_party(name, role)
        }
    }
}

/// "Fraktion", "SPD-Fraktion", "Fraktionsvorsitzende", "Wählergruppe"; not "fraktionslos".
fn says_group(text: &str) -> bool {
    let lower = text.to_lowercase();
    let signs = ["fraktion", "partei", "wählergruppe", "wählervereinigung"];
    !says_none(text) && signs.iter().any(|sign| lower.contains(sign))
}

fn says_none(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains("fraktionslos") || lower.contains("parteilos")
}

/// Sources without addresses write the party where the organization belongs ("SPD").
fn bare_party(name: &str, role: Option<&str>) -> bool {
    const ORGANS: [&str; 24] = [
        "rat",
        "tag",
        "ausschuss",
        "versammlung",
        "kommission",
        "beirat",
        "vorstand",
        "verwaltung",
        "landkreis",
        "kreis",
        "stadt",
        "gemeinde",
        "amt",
        "dezernat",
        "bürger",
        "einwohner",
        "sitzung",
        "senat",
        "magistrat",
        "gast",
        "gäste",
        "presse",
        "unterstütz",
        "verein",
    ];
    let lower = name.to_lowercase();
    let member = role.is_none_or(|role| role.to_lowercase().starts_with("mitglied"));
    member && !ORGANS.iter().any(|organ| lower.contains(organ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, classification: Option<&str>, bare: bool) -> Named {
        Named {
            id: OrganizationId::new(name).unwrap(),
            name: Some(name.to_owned()),
            classification: classification.map(str::to_owned),
            bare,
        }
    }

    #[test]
    fn parties_are_told_from_organs() {
        for (name, kind, bare, role, party) in [
            ("SPD", Some("Fraktion"), false, Some("Mitglied"), true),
            ("SPD", None, true, Some("Mitglied"), true),
            ("FW|FÜR", None, true, Some("Mitglied"), true),
            ("SPD-Fraktion", None, false, Some("Mitglied"), true),
            ("Die Grünen", None, false, Some("Fraktionsvorsitzende"), true),
            ("Die Grünen", None, false, Some("Mitglied"), false),
            ("fraktionslos", None, true, Some("Mitglied"), false),
            ("Fraktionslos", Some("Fraktion"), false, Some("Mitglied"), false),
            ("Kreistag", None, true, Some("Mitglied"), false),
            ("Kreistag", Some("Gremium"), false, Some("Mitglied"), false),
            ("Kreistag Musterland", None, true, Some("Vorsitz"), false),
            ("Landkreis Musterland", None, true, Some("Landrat"), false),
            ("Finanzausschuss", Some("Ausschuss"), false, Some("Fraktionsvertreter"), false),
        ] {
            assert_eq!(is_party(&named(name, kind, bare), role), party, "{name} {kind:?} {role:?}");
        }
    }
}
