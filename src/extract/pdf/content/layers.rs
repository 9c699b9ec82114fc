//! Optional content groups, ISO 32000-2 8.11.

use std::collections::HashSet;

use super::super::document::{Array, Dict, Id, Name};

/// Which layers (optional content groups) are switched off when the document is opened.
#[derive(Debug, Default)]
pub(in crate::extract::pdf) struct Layers {
    off: HashSet<Id>,
    on: HashSet<Id>,
    base_off: bool,
}

impl Layers {
    /// Reads `/OCProperties` of the catalog.
    pub(in crate::extract::pdf) fn read(root: &Dict<'_>) -> Layers {
        let mut layers = Layers::default();
        let Some(config) = root.get::<Dict<'_>>("OCProperties").and_then(|all| all.get::<Dict<'_>>("D"))
        else {
            return layers;
        };
        layers.base_off = config.get::<Name<'_>>("BaseState").as_deref() == Some(b"OFF");
        for (key, set) in [("OFF", &mut layers.off), ("ON", &mut layers.on)] {
            if let Some(list) = config.get::<Array<'_>>(key) {
                set.extend(list.raw_iter().take(10_000).filter_map(|item| item.as_obj_ref()).map(Id::from));
            }
        }
        layers
    }

    fn is_off(&self, group: Id) -> bool {
        self.off.contains(&group) || (self.base_off && !self.on.contains(&group))
    }

    /// Whether content with this entry (`/OC`, or a property list) is switched off.
    pub(in crate::extract::pdf) fn hides(&self, holder: &Dict<'_>, key: &[u8]) -> bool {
        if self.off.is_empty() && !self.base_off {
            return false;
        }
        if let Some(id) = holder.get_ref(key)
            && self.is_off(id.into())
        {
            return true;
        }
        let Some(member) = holder.get::<Dict<'_>>(key) else { return false };
        if member.get::<Name<'_>>("Type").as_deref() != Some(b"OCMD") {
            return false;
        }
        let groups: Vec<Id> = match (member.get_ref("OCGs"), member.get::<Array<'_>>("OCGs")) {
            (_, Some(all)) => {
                all.raw_iter().take(1000).filter_map(|item| item.as_obj_ref()).map(Id::from).collect()
            }
            (Some(one), None) => vec![one.into()],
            (None, None) => return false,
        };
        let off = groups.iter().filter(|id| self.is_off(**id)).count();
        let all = groups.len();
        match member.get::<Name<'_>>("P").as_deref() {
            Some(b"AllOn") => off > 0,
            Some(b"AnyOff") => off == 0,
            Some(b"AllOff") => off < all,
            _ => all > 0 && off == all,
        }
    }
}
