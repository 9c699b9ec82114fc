#!/usr/bin/env python3
"""Independent check of the reader of old binary Office files: do the words that other programs show of a file occur in
what `daumat extract` shows of it?

usage: ole_words.py BINARY FILE_OR_FOLDER... [--kind doc|xls|ppt] [--worst 40] [--cache FILE]

Reference programs (Debian packages): antiword and catdoc for doc, LibreOffice (soffice) for all. It converts doc to text, and
xls and ppt to xlsx and pptx, of which the words of XML text nodes are taken, each once a part, without properties (it gives them a
language and times of its own), without what it writes of its own, and of formulas the strings in them. A
program that is not installed, fails or gives nothing is left out of that file's count. A word is a run of letters and
digits with at least one letter; it counts as found when it occurs in the transcript of the file or of a member of it
as a whole word, or, in the second figure, anywhere after blanks are removed on both sides.

antiword and catdoc take every text of one byte a letter for Windows-1252, so they are not asked about Word 6 and 95; the
word HYPERLINK of field instructions is not counted, since the reader gives the target as a link.
"""
import argparse, collections, json, os, re, shutil, signal, subprocess, sys, tempfile, unicodedata, zipfile

from xml_words import NUMBER, parts_of

WORD = re.compile(r"[^\W_]+")
# Names of files, and what LibreOffice makes of them.
KINDS = {"doc": (r"\.(doc|dot)$", "txt:Text (encoded):UTF8"), "xls": (r"\.(xls|xlt)$", "xlsx"), "ppt": (r"\.(ppt|pps|pot)$", "pptx")}
# What LibreOffice writes of its own: into masters, layouts and headers; where the text of a comment stands, what an animation changes.
ITS_OWN = re.compile(NUMBER.pattern + r"|Click to (edit|move) .*|(Second|Third|Fourth|Fifth|Sixth|Seventh) Outline Level|<[a-z/#]+>|Footer|Page"
                     r"|Left|Center|Right|Top|Bottom|style\.visibility")


def words(text):
    # Soft hyphens are not seen; signs that fonts draw as one.
    text = unicodedata.normalize("NFKC", text.replace("\u00ad", "").replace("\ufeff", ""))
    return [word for word in WORD.findall(text) if any(c.isalpha() for c in word)]


def run(command, timeout=120):
    """What a program prints; nothing when it fails. Those it started end with it, or LibreOffice stays and the next one waits for it."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as child:
        try:
            return child.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            return b""


def is_word_6(path):
    """Whether some sector begins as the main stream of Word 6 or 95 does."""
    with open(path, "rb") as file:
        data = file.read()
    return any(data.startswith(b"\xdc\xa5", at) for at in range(512, len(data), 512))


def references(path, kind, office):
    out = {}
    old = kind == "doc" and is_word_6(path)
    if kind == "doc" and not old and shutil.which("antiword"):
        text = run(["antiword", "-m", "UTF-8.txt", "-w", "0", "-s", path]).decode("utf-8", "replace")
        # antiword marks pictures, and shows notes by number.
        out["antiword"] = words(re.sub(r"\[pic\]", " ", text))
    if kind == "doc" and not old and shutil.which("catdoc"):
        text = run(["catdoc", "-dutf-8", "-w", path]).decode("utf-8", "replace")
        # catdoc takes what it does not know for plain text.
        out["catdoc"] = words(text)
    text = office.get(path)
    if text:
        out["libreoffice"] = words(text)
    return {tool: [word for word in found if word != "HYPERLINK"] for tool, found in out.items()}


def converted(path):
    """The text of what LibreOffice wrote."""
    if path.endswith(".txt"):
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    with zipfile.ZipFile(path) as package:
        parts = [found for part, found in parts_of(package, path, ITS_OWN, literals=True) if not part.startswith("docProps/")]
        # A damaged compound file that it took for text, from its first bytes on.
        return "" if any("ÐÏ" in found for found in parts) else "\n".join(" ".join(sorted(found)) for found in parts)


def libreoffice(paths, wanted):
    """Texts by LibreOffice, converted in batches; a file that kills a batch is tried alone."""
    texts = {}
    if not shutil.which("soffice"):
        return texts
    with tempfile.TemporaryDirectory() as top:
        todo = []
        for at, path in enumerate(paths):
            name = f"{at}{os.path.splitext(path)[1].lower()}"
            shutil.copy(path, os.path.join(top, name))
            todo.append((path, name))
        profile = "-env:UserInstallation=file://" + os.path.join(top, "profile")
        def convert(batch, timeout):
            run(["soffice", profile, "--headless", "--convert-to", wanted, "--outdir", top]
                + [os.path.join(top, name) for _, name in batch], timeout=timeout)
        for start in range(0, len(todo), 25):
            batch = todo[start:start + 25]
            convert(batch, 240)
            for path, name in batch:
                out = os.path.join(top, os.path.splitext(name)[0] + "." + wanted.split(":")[0])
                if not os.path.exists(out):
                    convert([(path, name)], 40)
                if os.path.exists(out):
                    texts[path] = converted(out)
    return texts


def extract(binary, path):
    text, outcome = [], None
    for line in run([binary, "extract", "-f", "jsonl", path]).splitlines():
        record = json.loads(line)
        if record["type"] == "segment":
            text.append(record["text"])
        elif not record["members"]:
            outcome = record
    return "\n".join(text), outcome


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("roots", nargs="+")
    parser.add_argument("--kind", default="doc", choices=sorted(KINDS))
    parser.add_argument("--worst", type=int, default=40)
    parser.add_argument("--cache", help="keeps LibreOffice's texts from one call to the next")
    args = parser.parse_args()
    files = []
    for root in args.roots:
        if os.path.isdir(root):
            for folder, _, names in os.walk(root):
                files += [os.path.join(folder, name) for name in names]
        else:
            files.append(root)
    suffixes, wanted = KINDS[args.kind]
    files = sorted(path for path in files if re.search(suffixes, path, re.I) and open(path, "rb").read(4) == b"\xd0\xcf\x11\xe0")
    if args.cache and os.path.exists(args.cache):
        office = json.load(open(args.cache))
    else:
        office = libreoffice(files, wanted)
        if args.cache:
            json.dump(office, open(args.cache, "w"))
    sums = collections.defaultdict(lambda: [0, 0, 0, 0])
    coverage, worst = collections.Counter(), []
    for path in files:
        text, outcome = extract(args.binary, path)
        gaps = sorted({gap["reason"] for gap in (outcome or {}).get("gaps", [])})
        coverage[(outcome or {}).get("coverage"), *gaps] += 1
        found, glued = set(words(text)), "".join(words(text))
        for tool, expected in references(path, args.kind, office).items():
            if not expected:
                continue
            missing = [word for word in expected if word not in found]
            lost = [word for word in missing if word not in glued]
            row = sums[tool]
            row[0] += 1
            row[1] += len(expected)
            row[2] += len(missing)
            row[3] += len(lost)
            if missing:
                worst.append((len(lost), len(missing), len(expected), tool, path, gaps, list(dict.fromkeys(lost or missing))[:8]))
    print(f"{len(files)} files;", ", ".join(f"{' '.join(map(str, key))}: {count}" for key, count in coverage.most_common()))
    for tool, (count, total, missing, lost) in sorted(sums.items()):
        print(f"{tool}: {count} files, {total} words, whole {100 - 100 * missing / total:.3f} %, anywhere {100 - 100 * lost / total:.3f} %")
    for lost, missing, total, tool, path, gaps, sample in sorted(worst, reverse=True)[:args.worst]:
        print(f"{lost}/{missing}/{total} {tool} {os.path.basename(path)} {' '.join(gaps)} {sample}")


if __name__ == "__main__":
    main()
