//! What the pages say. Each language is one file, which has every text: the compiler asks for what is missing.

use crate::{en, pt};
use locale::Locale;
use serde::Serialize;

/// All texts of one language. `{}` stands for a name.
pub(crate) struct Words {
    pub frame: Frame,
    pub fields: Fields,
    pub login: Login,
    pub register: Register,
    pub verify: Verify,
    pub forgot: Forgot,
    pub reset: Reset,
    pub account: Account,
    pub start: Start,
    /// A title, and what to do, by the slug of the problem with which a navigation ended.
    pub troubles: &'static [(&'static str, Trouble)],
    /// For every other problem.
    pub trouble: Trouble,
}

/// What happened, and what a person can do now.
pub(crate) struct Trouble {
    pub title: &'static str,
    pub advice: &'static str,
}

pub(crate) struct Frame {
    pub language: &'static str,
    pub terms: &'static str,
    pub support: &'static str,
    pub request: &'static str,
    pub no_script: &'static str,
    pub go_on: &'static str,
    pub sign_in: &'static str,
    pub to_the_app: &'static str,
    pub failed: &'static str,
}

pub(crate) struct Fields {
    pub name: &'static str,
    pub optional: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub new_password: &'static str,
    pub new_password_hint: &'static str,
    pub show: &'static str,
    pub hide: &'static str,
}

pub(crate) struct Login {
    pub title: &'static str,
    pub submit: &'static str,
    pub or: &'static str,
    pub with_provider: &'static str,
    pub forgot: &'static str,
    pub no_account: &'static str,
    pub register: &'static str,
    pub signed_in: &'static str,
    pub account: &'static str,
    pub other: &'static str,
}

pub(crate) struct Register {
    pub title: &'static str,
    pub submit: &'static str,
    pub agree: &'static str,
    pub terms: &'static str,
    pub have: &'static str,
    pub sent_title: &'static str,
    pub sent: &'static str,
    pub sent_more: &'static str,
    pub again: &'static str,
    pub mails: &'static str,
}

pub(crate) struct Verify {
    pub title: &'static str,
    pub working: &'static str,
    pub choose: &'static str,
    pub choose_why: &'static str,
    pub submit: &'static str,
    pub done: &'static str,
    pub done_more: &'static str,
    pub cut: &'static str,
    pub cut_more: &'static str,
    pub again: &'static str,
}

pub(crate) struct Forgot {
    pub title: &'static str,
    pub why: &'static str,
    pub submit: &'static str,
    pub remember: &'static str,
    pub sent: &'static str,
    pub sent_more: &'static str,
}

pub(crate) struct Reset {
    pub title: &'static str,
    pub why: &'static str,
    pub submit: &'static str,
    pub done: &'static str,
    pub done_more: &'static str,
    pub again: &'static str,
}

#[derive(Serialize)]
pub(crate) struct Account {
    pub title: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub since: &'static str,
    pub ways: &'static str,
    pub ways_why: &'static str,
    pub way_password: &'static str,
    pub way_email: &'static str,
    pub last_used: &'static str,
    pub never_used: &'static str,
    pub remove: &'static str,
    pub add: &'static str,
    pub devices: &'static str,
    pub devices_why: &'static str,
    pub on: &'static str,
    pub unknown: &'static str,
    pub this_device: &'static str,
    pub signed_in_at: &'static str,
    pub seen_at: &'static str,
    pub address: &'static str,
    pub sign_out: &'static str,
    pub sign_out_others: &'static str,
    pub sign_out_everywhere: &'static str,
    pub password: &'static str,
    pub current_password: &'static str,
    pub change: &'static str,
    pub set: &'static str,
    pub set_why: &'static str,
    pub confirm_title: &'static str,
    pub confirm_why: &'static str,
    pub confirm: &'static str,
    pub cancel: &'static str,
    pub changed: &'static str,
    pub ended: &'static str,
    pub others_ended: &'static str,
    pub removed: &'static str,
    pub added: &'static str,
    pub sent: &'static str,
}

/// Only where the program runs on a developer's machine.
pub(crate) struct Start {
    pub title: &'static str,
    pub lead: &'static str,
    pub demo: &'static str,
    pub pages: &'static str,
    pub mails: &'static str,
    pub provider: &'static str,
    pub code: &'static str,
    pub code_why: &'static str,
}

impl Words {
    /// The texts in this language.
    pub fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::En => &en::WORDS,
            Locale::Pt => &pt::WORDS,
        }
    }

    /// What to say of a problem.
    pub fn trouble(&self, slug: &str) -> &Trouble {
        self.troubles.iter().find(|(known, _)| *known == slug).map_or(&self.trouble, |(_, trouble)| trouble)
    }
}
