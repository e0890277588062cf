//! The shards of a stream: a shard ends after some hours, and its children continue it.

use aws_sdk_dynamodbstreams::types;
use std::collections::BTreeMap;

/// How far a shard has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// It continues at this iterator.
    At(String),
    /// At its first record.
    First,
    /// After this record.
    After(String),
    /// At what is written from now on.
    Now,
    /// Read to its end: later records are in its children.
    End,
}

#[derive(Debug)]
struct Shard {
    parent: Option<String>,
    place: Place,
    /// The last record that was read, by its sequence number.
    last: Option<String>,
}

/// All that are known.
#[derive(Debug, Default)]
pub(crate) struct Shards(BTreeMap<String, Shard>);

impl Shards {
    /// Takes up the shards that DynamoDB tells of. New ones are read from `start` on; those that it has forgotten go, once
    /// they are read.
    pub fn take_up(&mut self, told: Vec<types::Shard>, start: impl Fn(&str) -> Place) {
        let ids: Vec<_> = told.iter().filter_map(|shard| shard.shard_id.clone()).collect();
        for types::Shard { shard_id, parent_shard_id: parent, .. } in told {
            let Some(id) = shard_id else { continue };
            self.0.entry(id).or_insert_with_key(|id| {
                let place = start(id);
                let last = if let Place::After(number) = &place { Some(number.clone()) } else { None };
                Shard { parent, place, last }
            });
        }
        self.0.retain(|id, shard| shard.place != Place::End || ids.contains(id));
    }

    /// Whether there must be shards that are not known yet.
    pub fn lack_children(&self) -> bool {
        let has_child = |id: &String| self.0.values().any(|shard| shard.parent.as_ref() == Some(id));
        self.0.iter().any(|(id, shard)| shard.place == Place::End && !has_child(id)) || self.0.is_empty()
    }

    /// Those that can be read: a shard comes after its parent.
    pub fn open(&self) -> Vec<String> {
        let is_over = |id: &String| self.0.get(id).is_none_or(|parent| parent.place == Place::End);
        let open = self.0.iter().filter(|(_, shard)| shard.place != Place::End && shard.parent.iter().all(is_over));
        open.map(|(id, _)| id.clone()).collect()
    }

    /// How far a shard has been read.
    pub fn place(&self, id: &str) -> Place {
        self.0.get(id).map_or(Place::End, |shard| shard.place.clone())
    }

    /// Moves on in a shard, after this record if there was one.
    pub fn move_to(&mut self, id: &str, place: Place, last: Option<&String>) {
        if let Some(shard) = self.0.get_mut(id) {
            shard.place = place;
            shard.last = last.cloned().or(shard.last.take());
        }
    }

    /// Where to take a shard up again whose iterator is not good any more.
    pub fn again(&mut self, id: &str) {
        if let Some(shard) = self.0.get_mut(id) {
            shard.place = shard.last.clone().map_or(Place::First, Place::After);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shard(id: &str, parent: Option<&str>) -> types::Shard {
        types::Shard::builder().shard_id(id).set_parent_shard_id(parent.map(str::to_owned)).build()
    }

    #[test]
    fn a_shard_is_read_after_its_parent_and_its_children_are_looked_for_at_its_end() {
        let mut shards = Shards::default();
        assert!(shards.lack_children());
        shards.take_up(vec![shard("a", None), shard("b", Some("a")), shard("c", None)], |_| Place::First);
        assert_eq!(shards.open(), ["a", "c"]);
        assert!(!shards.lack_children());
        shards.move_to("a", Place::End, None);
        assert_eq!(shards.open(), ["b", "c"]);
        assert!(!shards.lack_children());
        shards.move_to("c", Place::End, None);
        assert!(shards.lack_children());
        shards.take_up(vec![shard("b", Some("a")), shard("c", None), shard("d", Some("c"))], |_| Place::First);
        assert_eq!(shards.open(), ["b", "d"]);
        assert!(!shards.lack_children());
        assert_eq!(shards.place("a"), Place::End);
    }

    #[test]
    fn a_shard_is_taken_up_again_after_the_last_record_that_was_read() {
        let mut shards = Shards::default();
        let start = |id: &str| if id == "b" { Place::After("7".to_owned()) } else { Place::First };
        shards.take_up(vec![shard("a", None), shard("b", None)], start);
        shards.again("a");
        shards.again("b");
        assert_eq!((shards.place("a"), shards.place("b")), (Place::First, Place::After("7".to_owned())));
        shards.move_to("a", Place::At("x".to_owned()), Some(&"3".to_owned()));
        shards.move_to("a", Place::At("y".to_owned()), None);
        shards.again("a");
        assert_eq!(shards.place("a"), Place::After("3".to_owned()));
    }
}
