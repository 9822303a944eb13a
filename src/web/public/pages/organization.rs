//! `/gremium/{id}`: a council, committee or parliamentary group with its meetings and members.

use askama::Template;
use axum::Router;
use axum::extract::{self, Path};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use serde_json::json;

use crate::domain::Error;
use crate::edition::{Address, Directory, Listed, Member, OrganizationEntry, OrganizationKind};
use crate::web::public::feeds::Subscriptions;
use crate::web::public::filter_form::{FilterForm, Paging};
use crate::web::public::head::PageHead;
use crate::web::public::links;
use crate::web::public::query::{encode, organization_page, person_page};
use crate::web::shared::error::Failure;
use crate::web::shared::frame::Frame;
use crate::web::shared::{App, blocking};

const ROWS: usize = 40;

#[derive(Template)]
#[template(path = "organization.html")]
struct OrganizationPage {
    frame: Frame,
    head: PageHead,
    subscriptions: Subscriptions,
    name: String,
    body: String,
    is_group: bool,
    classification: Option<String>,
    members: Vec<MemberRow>,
    former: Vec<MemberRow>,
    meetings: usize,
    rows: Vec<Listed>,
    paging: Paging,
    search: String,
}

struct MemberRow {
    name: String,
    address: Option<String>,
    party: Option<String>,
    role: Option<String>,
}

pub(super) fn routes() -> Router<App> {
    Router::new().route("/gremium/{id}", get(show))
}

async fn show(
    extract::State(app): extract::State<App>,
    frame: Frame,
    form: FilterForm,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    blocking(move || {
        let directory = app.editions.directory()?;
        let unknown = || Error::not_found("Ein solches Gremium ist nicht verzeichnet");
        match directory.organization(&id).ok_or_else(unknown)? {
            Address::Here(place) => {
                let organization = &directory.organizations[place];
                let frame = frame.of_bodies([organization.body.as_str()]);
                let page = OrganizationPage::new(frame, &form, &directory, organization);
                Ok::<_, Failure>(page.frame.answer(Html(page.render()?)))
            }
            Address::Moved(address) => {
                Ok(Redirect::temporary(&organization_page(&address)).into_response())
            }
            Address::Several => {
                let name = directory.organizations.iter().find(|o| o.address.starts_with(&id));
                let name = name.map_or(id.as_str(), |organization| &organization.name);
                let list = format!("/sitzungen?organization={}", encode(name));
                Ok(Redirect::temporary(&list).into_response())
            }
        }
    })
    .await
}

impl OrganizationPage {
    fn new(
        frame: Frame,
        form: &FilterForm,
        directory: &Directory,
        organization: &OrganizationEntry,
    ) -> Self {
        let path = organization_page(&organization.address);
        let is_group = organization.kind == OrganizationKind::Group;
        let page = form.page("page", ROWS, organization.meetings.len());
        let row = |member: &Member| {
            let person = member.person.map(|n| &directory.persons[n]);
            MemberRow {
                name: member.name.clone(),
                address: person.map(|person| person_page(&person.address)),
                party: member.party.clone().filter(|_| !is_group),
                role: member.role.clone(),
            }
        };
        let members = |former| {
            let all = organization.members.iter();
            all.filter(|member| member.is_former == former).map(row).collect()
        };
        let rows = page.of(&organization.meetings).iter().map(|n| directory.listed[*n].clone());
        let field = if is_group { "fraktion" } else { "gremium" };
        let name = &organization.name;
        let description = format!("{name}, {}", organization.body);
        let more = json!({
            "parentOrganization": { "@type": "GovernmentOrganization", "name": organization.body },
        });
        Self {
            head: PageHead::new(&frame, &path, name, &description).about(
                "website",
                "Organization",
                more,
            ),
            subscriptions: Subscriptions::of_organization(organization),
            name: name.clone(),
            body: organization.body.clone(),
            is_group,
            classification: organization.classification.clone(),
            members: members(false),
            former: members(true),
            meetings: organization.meetings.len(),
            rows: rows.collect(),
            paging: form.paging(&path, "page", page),
            search: links::search(field, name),
            frame,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Role;
    use crate::web::testing::Archive;

    #[tokio::test]
    async fn a_council_is_shown_with_meetings_and_members() {
        let archive = Archive::new();
        let lines = [("Lars Land", Role::Member), ("Ria Rat", Role::Resident)];
        archive.record("kt-9", "2025-06-12", &lines);
        let html = archive.get("/gremium/kreistag").await.text();
        for there in
            ["/sitzung/kt-1\"", "/sitzung/kt-9\"", "/person/lars-land", "gremium%3A%22Kreistag%22"]
        {
            assert!(html.contains(there), "{there} in {html}");
        }
        assert!(!html.contains("Ria Rat"));
        let group = archive.get("/gremium/gruene-liste").await.text();
        assert!(group.contains("/person/lars-land") && group.contains("fraktion%3A"), "{group}");
        let by_name = archive.get("/gremium/Kreistag").await;
        assert_eq!(
            (by_name.status, by_name.header("location").as_str()),
            (307, "/gremium/kreistag")
        );
        assert_eq!(archive.get("/gremium/ortsrat").await.status, 404);
    }
}
