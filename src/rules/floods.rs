//! Words of a list that would be found everywhere.

use std::collections::HashSet;

use super::keywords::{Term, terms_of};

/// Why a word would be found everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flood {
    /// Fewer than four letters or digits.
    Short,
    /// Nothing but digits.
    Digits,
    /// Among the commonest words of Vietnamese or English.
    Common,
    /// It stands in the list already.
    Twice,
}

/// Fewest letters of a term that is not found in other words' company by chance.
const LEAST_LETTERS: usize = 4;

/// The commonest words of Vietnamese papers and of English texts, and words that projects like to be named after: each a term of one
/// or two words as lists have them. Ours, of general knowledge; short ones are told by their length.
const COMMON: &str = include_str!("common.txt");

/// The terms of a list that would flood a report, with the numbers of their lines.
///
/// # Errors
/// The line that is wrong.
pub fn floods(list: &str) -> Result<Vec<(usize, Flood)>, String> {
    let lines = COMMON.lines().filter(|line| !line.starts_with('#'));
    let common: HashSet<&str> = lines.flat_map(|line| line.split(", ")).map(str::trim).collect();
    let mut seen = HashSet::new();
    let mut told = Vec::new();
    for term in terms_of(list) {
        let Term { line, folded, hash, .. } = term?;
        let letters = folded.chars().filter(|letter| *letter != ' ');
        // An ideograph is a word.
        let weight: usize = letters.clone().map(|letter| if letter >= '\u{2E80}' { 2 } else { 1 }).sum();
        let flood = if !seen.insert(hash) {
            Flood::Twice
        } else if common.contains(folded.as_str()) {
            Flood::Common
        } else if letters.clone().all(|letter| letter.is_numeric()) {
            Flood::Digits
        } else if weight < LEAST_LETTERS {
            Flood::Short
        } else {
            continue;
        };
        told.push((line, flood));
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_floods_is_told_by_line() {
        let list = "# mine\nOrange\nPaper Lantern\nAB\n20261122\nBáo cáo\tsecret\npaper  lantern\nHệ thống\n";
        let told = floods(list).unwrap();
        let kinds = [Flood::Common, Flood::Short, Flood::Digits, Flood::Common, Flood::Twice, Flood::Common];
        assert_eq!(told, [2, 4, 5, 6, 7, 8].into_iter().zip(kinds).collect::<Vec<_>>());
    }
}
