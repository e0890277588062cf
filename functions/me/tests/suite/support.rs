use me::Me;

pub type Scene = scene::Scene<Me>;
