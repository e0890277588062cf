use logout::Logout;

pub const ROUTES: [&str; 2] = ["/logout", "/logout/all"];

pub type Scene = scene::Scene<Logout>;
