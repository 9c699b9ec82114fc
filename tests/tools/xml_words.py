#!/usr/bin/env python3
"""Independent check of the Office readers: does every word of every XML text node of a package occur in what
`daumat extract` shows of the file?

usage: xml_words.py BINARY FILE_OR_FOLDER...     prints a line per format, then the worst files with missing words

A word is a run of letters and digits with at least one letter, as Python's expat gives the text nodes; it counts as
found when it occurs in the transcript of the document itself (not of its members) after blanks are removed on both
sides. That is kind to the reader: it does not see glued words; `whole` counts a word only when it stands by itself in a
segment, which is unkind, since a run may begin in the middle of a word. Attributes are outside this check.
"""
import collections, json, os, re, subprocess, sys, unicodedata, zipfile
from xml.parsers import expat

WORD = re.compile(r"[^\W_]+")
FORMULAS = {"f", "formula", "formula1", "formula2", "definedName", "sqref", "calculatedColumnFormula"}
LITERAL = re.compile(r'"([^"]*)"')
NUMBER = re.compile(r"[-+]?[0-9.,]+([eE][-+]?[0-9]+)?|#[A-Z0-9/!?]+|true|false|TRUE|FALSE|True|False|General")
# Bytes written as letters: printer settings, signatures. And the keywords of positions ("center").
BYTES = {"align", "DigestValue", "SignatureValue", "X509Certificate", "Modulus", "EncapsulatedTimeStamp"}
# Codes in headers and footers of sheets: font, colour, size, the parts left, centre, right, and fields.
HEADER_CODE = re.compile(r'&("[^"]*"|K[0-9A-Fa-f+-]{6}|[0-9]+|.)')
# Parts whose text is packaging, not document: relationships, types, manifests. HTML parts are members, and no XML.
SKIP = re.compile(r"(\.rels|\.html?|\[Content_Types\]\.xml|META-INF/manifest\.xml|mimetype)$")


# Control characters in strings of workbooks (ST_Xstring, ECMA-376 part 1, 22.9.2.19).
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def words_of(data, in_workbook, left_out, literals):
    found, open_names = set(), []
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 1 << 20

    def text(piece):
        name = open_names[-1].split(":")[-1] if open_names else ""
        if name in BYTES:
            return
        if name.endswith(("Header", "Footer")):
            piece = HEADER_CODE.sub(" ", piece)
        if in_workbook:
            piece = ESCAPE.sub(lambda code: chr(int(code[1], 16)), piece)
        is_formula = name in FORMULAS
        if is_formula and literals:
            piece, is_formula = " ".join(LITERAL.findall(piece)), False
        # Stated as left out: formulas without a literal, numbers, errors, the words true and false.
        if is_formula and '"' not in piece or left_out.fullmatch(piece.strip()):
            return
        found.update(word for word in WORD.findall(piece) if not word.isnumeric())

    parser.CharacterDataHandler = text
    # A setting of that type holds bytes, too.
    parser.StartElementHandler = lambda name, attributes: open_names.append(
        "DigestValue" if attributes.get("config:type") == "base64Binary" else name)
    parser.EndElementHandler = lambda _: open_names.pop()
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        pass  # what came before counts
    return found


def parts_of(package, path, left_out=NUMBER, literals=False):
    """The XML parts of a package, each with its words; those of texts that are `left_out` as a whole are not wanted, and of formulas
    only the `literals`, if so asked."""
    for name in package.namelist():
        if SKIP.search(name) or name.endswith("/"):
            continue
        try:
            data = package.read(name)
        except Exception:
            continue
        if data.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
            yield name, words_of(data, ".xl" in path.lower(), left_out, literals)


def squeeze(text):
    return "".join(unicodedata.normalize("NFC", text).split())


def check(binary, path):
    try:
        package = zipfile.ZipFile(path)
    except Exception:
        return None
    run = subprocess.run([binary, "extract", "-f", "jsonl", path], capture_output=True, timeout=300)
    own, fmt = [], None
    for line in run.stdout.split(b"\n"):
        if not line:
            continue
        record = json.loads(line)
        if record["members"]:
            continue
        if record["type"] == "segment":
            own.append(record["text"])
        else:
            fmt = record["format"]
    text = squeeze("\n".join(own))
    alone = {word for piece in own for word in WORD.findall(piece)}
    total, cut, missing = 0, 0, []
    for name, words in parts_of(package, path):
        for word in words:
            total += 1
            cut += word not in alone
            if squeeze(word) not in text:
                missing.append((name, word))
    return fmt, total, cut, missing


def main():
    binary, roots = sys.argv[1], sys.argv[2:]
    files = []
    for root in roots:
        if os.path.isdir(root):
            for folder, _, names in os.walk(root):
                files += [os.path.join(folder, name) for name in names]
        else:
            files.append(root)
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    parts = collections.Counter()
    worst = []
    for path in sorted(files):
        if not re.search(r"\.(do[ct][xm]|xl[st][xm]|p[po][tsx][xm]|od[tspgf]|ot[tsp])$", path, re.I):
            continue
        got = check(binary, path)
        if not got or not got[1]:
            continue
        fmt, total, cut, missing = got
        row = sums[fmt]
        row[0] += 1
        row[1] += total
        row[2] += len(missing)
        row[3] += cut
        for name, _ in missing:
            parts[re.sub(r"\d+", "N", name)] += 1
        if missing:
            worst.append((len(missing), total, path, missing[:6]))
    for fmt, (count, total, missing, cut) in sorted(sums.items(), key=str):
        print(f"{fmt}: {count} files, {total} words, {missing} missing, {100 * (total - missing) / total:.3f} %, "
              f"whole {100 * (total - cut) / total:.3f} %")
    print("parts:", parts.most_common(25))
    for missing, total, path, sample in sorted(worst, reverse=True)[:25]:
        print(f"{missing}/{total} {os.path.basename(path)}", *(f"{part}: {word[:40]}" for part, word in sample), sep="  ")


if __name__ == "__main__":
    main()
