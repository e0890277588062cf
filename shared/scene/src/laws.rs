//! What every route must do, written once. A function lists a sound request of each of its routes with
//! [`laws!`](macro@crate::laws), and each law twists it.

use crate::Request;

/// A request that nothing is wrong with, and what guards its route.
pub struct Sound {
    pub(crate) request: Request,
    pub(crate) status: u16,
    guards: &'static [Guard],
}

/// What a route demands of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// That no other site sent it.
    Origin,
    /// The CSRF token of the session whose cookie it brings.
    Csrf,
    /// A session.
    Session,
    /// A credential that was checked in the last 15 minutes.
    Recent,
    /// A body that is JSON, of 16 KiB at most.
    Json,
    /// That the stores answer.
    Stores,
}

impl Sound {
    /// A request that is answered with this status.
    pub fn new(request: Request, status: u16, guards: &'static [Guard]) -> Self {
        Self { request, status, guards }
    }

    pub(crate) fn is_guarded_by(&self, guard: Guard) -> bool {
        self.guards.contains(&guard)
    }
}

/// The laws of a function, as tests of the module that says this: `laws!(Function, new, sound)`. `new` makes a scene of stores
/// and a moment, `sound` the requests of a scene.
#[macro_export]
macro_rules! laws {
    ($function:ty, $new:expr, $sound:expr) => {
        $crate::laws! { @ $function, $new, $sound;
            /// Or the other laws would hold for no reason.
            sound_requests_are_answered
            /// One deployment, one look at the log.
            everything_that_is_wrong_with_the_settings_is_told_at_once
            /// An instance starts quickly, and pays for nothing that no request needs.
            nothing_is_made_before_the_first_request
            /// ASVS 3.5.3, 4.1.4: what else is asked of a path changes nothing, and hears what may be asked.
            other_methods_are_405_and_change_nothing
            /// ASVS 3.3.3: one of them was planted.
            two_session_cookies_are_400
            /// ASVS 3.5.1, 3.5.2: as JSON, and as everything that a form can send.
            what_another_site_sends_is_403_and_changes_nothing
            /// ASVS 3.5.1: also with the CSRF token of another session.
            what_lacks_the_csrf_token_is_403_and_changes_nothing
            /// ASVS 7.2.1: absent, malformed, made up, expired and ended are one answer.
            without_a_live_session_it_is_401_and_the_cookie_stays
            /// ASVS 7.5.1.
            a_credential_of_15_minutes_ago_is_403
            /// ASVS 3.5.2, 4.1.1.
            a_body_that_is_not_json_is_refused
            /// ASVS 16.5.2.
            without_stores_it_is_503_and_the_cookie_stays
            /// ASVS 16.3.2, 16.3.3.
            each_denial_is_one_event
            /// ASVS 1.2.1, 2.2.1, 15.3.7.
            no_hostile_text_anywhere_gets_more_than_a_no
        }

        /// ASVS 2.2.1, 3.4.1–3.4.6.
        #[test]
        fn no_event_gets_more_than_a_no() {
            $crate::law::no_event_gets_more_than_a_no::<$function, _>($new, $sound);
        }
    };
    (@ $function:ty, $new:expr, $sound:expr; $($(#[$meta:meta])* $law:ident)*) => {$(
        $(#[$meta])*
        #[tokio::test]
        async fn $law() {
            $crate::law::$law::<$function, _>($new, $sound).await;
        }
    )*};
}

/// Lets a function's own scene, whose first field is a [`Scene`](crate::Scene), be used as that.
#[macro_export]
macro_rules! wraps {
    ($wrapper:ident: $function:ty) => {
        impl std::ops::Deref for $wrapper {
            type Target = $crate::Scene<$function>;

            fn deref(&self) -> &Self::Target {
                &self.scene
            }
        }

        impl std::ops::DerefMut for $wrapper {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.scene
            }
        }

        impl std::borrow::Borrow<$crate::Scene<$function>> for $wrapper {
            fn borrow(&self) -> &$crate::Scene<$function> {
                &self.scene
            }
        }
    };
}
