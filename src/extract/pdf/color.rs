//! Colours as red, green and blue, as near as a judge of "is it red" needs it. Left out: profiles, gamma, rendering intents.

use super::document::{Array, Dict, Name, Object, Stream};

/// What the numbers of a colour operator mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Space {
    Gray,
    Rgb,
    Cmyk,
    Lab,
    /// One or more inks: the colour of the full ink; none of it is white.
    Ink([u8; 3]),
    /// A palette of red, green, blue.
    Palette(Vec<u8>),
    Pattern,
}

impl Space {
    /// The space of that name or description; what nobody knows counts as grey.
    pub(super) fn read(object: &Object<'_>, depth: u8) -> Space {
        match object {
            Object::Name(name) => Space::named(name).unwrap_or(Space::Gray),
            Object::Array(array) if depth < 4 => Space::family(array, depth),
            _ => Space::Gray,
        }
    }

    /// The device space of that name.
    pub(super) fn named(name: &[u8]) -> Option<Space> {
        match name {
            b"DeviceGray" | b"G" | b"CalGray" => Some(Space::Gray),
            b"DeviceRGB" | b"RGB" | b"CalRGB" => Some(Space::Rgb),
            b"DeviceCMYK" | b"CMYK" => Some(Space::Cmyk),
            b"Pattern" => Some(Space::Pattern),
            _ => None,
        }
    }

    fn family(array: &Array<'_>, depth: u8) -> Space {
        let mut items = array.iter::<Object<'_>>();
        let Some(Object::Name(family)) = items.next() else { return Space::Gray };
        let first = items.next();
        match (family.as_ref(), first) {
            (b"ICCBased", Some(Object::Stream(profile))) => match profile.dict().get::<i32>("N") {
                Some(3) => Space::Rgb,
                Some(4) => Space::Cmyk,
                _ => Space::Gray,
            },
            (b"Lab", _) => Space::Lab,
            (b"Separation" | b"DeviceN", Some(names)) => {
                let alternate = items.next().map_or(Space::Gray, |object| Space::read(&object, depth + 1));
                let full = items.next().and_then(|function| full_tint(&function, &alternate));
                Space::Ink(full.unwrap_or_else(|| ink_of(&names)))
            }
            (b"Indexed" | b"I", Some(base)) => {
                let base = Space::read(&base, depth + 1);
                items.next();
                match items.next() {
                    Some(Object::String(bytes)) => Space::Palette(palette(&base, bytes.as_bytes())),
                    // A palette in a stream belongs to pictures.
                    _ => Space::Gray,
                }
            }
            (b"Pattern", _) => Space::Pattern,
            (name, _) => Space::named(name).unwrap_or(Space::Gray),
        }
    }

    /// The colour that stands before any is set: black, but the full ink for inks.
    pub(super) fn initial(&self) -> [u8; 3] {
        match self {
            Space::Ink(full) => *full,
            Space::Palette(bytes) => match bytes.as_slice() {
                &[r, g, b, ..] => [r, g, b],
                _ => [0; 3],
            },
            _ => [0; 3],
        }
    }

    /// The colour of these numbers.
    pub(super) fn color(&self, numbers: &[f32]) -> Option<[u8; 3]> {
        match (self, numbers) {
            (Space::Gray, &[gray, ..]) => Some(rgb(gray, gray, gray)),
            (Space::Rgb, &[r, g, b, ..]) => Some(rgb(r, g, b)),
            (Space::Cmyk, &[c, m, y, k, ..]) => Some(cmyk(c, m, y, k)),
            (Space::Lab, &[l, a, b, ..]) => {
                // Lightness and the two opponents are enough to tell red, green, blue from black and white.
                let l = l / 100.0;
                Some(rgb(l + a / 100.0, l - a / 200.0, l - b / 100.0))
            }
            (Space::Ink(full), numbers) => {
                let tint = numbers.iter().copied().fold(0.0, f32::max).clamp(0.0, 1.0);
                let mix = |ink: u8| 1.0 - tint * (1.0 - f32::from(ink) / 255.0);
                let [r, g, b] = *full;
                Some(rgb(mix(r), mix(g), mix(b)))
            }
            (Space::Palette(bytes), &[index, ..]) => {
                let at = (index.max(0.0) as usize).saturating_mul(3);
                match bytes.get(at..at.saturating_add(3)) {
                    Some(&[r, g, b]) => Some([r, g, b]),
                    _ => None,
                }
            }
            // A colour operator of the wrong length: go by the number of operands.
            (_, &[gray]) => Some(rgb(gray, gray, gray)),
            (_, &[r, g, b]) => Some(rgb(r, g, b)),
            (_, &[c, m, y, k]) => Some(cmyk(c, m, y, k)),
            _ => None,
        }
    }

    fn components(&self) -> usize {
        match self {
            Space::Rgb | Space::Lab => 3,
            Space::Cmyk => 4,
            _ => 1,
        }
    }
}

/// 0 to 1 each, clamped.
pub(super) fn rgb(r: f32, g: f32, b: f32) -> [u8; 3] {
    [r, g, b].map(|part| (part.clamp(0.0, 1.0) * 255.0).round() as u8)
}

/// 0 to 1 each, clamped.
pub(super) fn cmyk(c: f32, m: f32, y: f32, k: f32) -> [u8; 3] {
    let part = |ink: f32| (1.0 - ink.clamp(0.0, 1.0)) * (1.0 - k.clamp(0.0, 1.0));
    rgb(part(c), part(m), part(y))
}

/// `/C1` of an exponential function: the alternate colour of the full ink.
fn full_tint(function: &Object<'_>, alternate: &Space) -> Option<[u8; 3]> {
    let dict: &Dict<'_> = match function {
        Object::Dict(dict) => dict,
        Object::Stream(stream) => Stream::dict(stream),
        _ => return None,
    };
    let full: Vec<f32> = dict.get::<Array<'_>>("C1")?.iter::<f32>().take(4).collect();
    alternate.color(&full)
}

/// By the name of the ink, where its function is a program.
fn ink_of(names: &Object<'_>) -> [u8; 3] {
    let name = match names {
        Object::Name(name) => name.to_vec(),
        Object::Array(all) => all.iter::<Name<'_>>().next().map(|name| name.to_vec()).unwrap_or_default(),
        _ => Vec::new(),
    };
    let lower = name.to_ascii_lowercase();
    let has = |word: &[u8]| memchr::memmem::find(&lower, word).is_some();
    if has(b"red") || has(b"warm") {
        [220, 20, 30]
    } else if has(b"magenta") {
        [230, 0, 126]
    } else if has(b"yellow") {
        [255, 237, 0]
    } else if has(b"cyan") || has(b"blue") {
        [0, 120, 215]
    } else if has(b"green") {
        [0, 130, 60]
    } else {
        [0; 3]
    }
}

fn palette(base: &Space, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in bytes.chunks_exact(base.components()).take(256) {
        let numbers: Vec<f32> = entry.iter().map(|&byte| f32::from(byte) / 255.0).collect();
        out.extend(base.color(&numbers).unwrap_or([0; 3]));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::document::FromBytes as _;
    use super::*;

    #[test]
    fn pdf_red_is_red_in_every_space() {
        let red = |space: &[u8], numbers: &[f32]| {
            let space = Space::read(&Object::from_bytes(space).unwrap(), 0);
            let [r, g, b] = space.color(numbers).unwrap();
            assert!(r > 180 && g < 80 && b < 80, "{space:?}: {r} {g} {b}");
        };
        red(b"/DeviceRGB", &[1.0, 0.0, 0.0]);
        red(b"/DeviceCMYK", &[0.0, 1.0, 1.0, 0.0]);
        red(b"[/Lab <<>>]", &[53.0, 80.0, 67.0]);
        red(b"[/Separation /PANTONE#20Warm#20Red /DeviceCMYK <</FunctionType 4>>]", &[1.0]);
        red(b"[/Separation /Spot /DeviceRGB <</FunctionType 2 /C0[1 1 1] /C1[0.9 0 0.1] /N 1>>]", &[1.0]);
        red(b"[/Indexed /DeviceRGB 1 <000000FF0000>]", &[1.0]);
    }
}
