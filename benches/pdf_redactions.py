#!/usr/bin/env python3
"""Whether the failed redactions that freelawproject/x-ray reports are found in PDFs, and how many more.

    benches/pdf_redactions.py DAUMAT FOLDER...

Needs x-ray (`pip install x-ray`, with PyMuPDF). For each page: the texts that x-ray takes for badly redacted, and what is `redacted` for daumat,
both without blanks. A text is found when the page's redacted lines hold it. Prints what is missing, and what is redacted here and not there.
"""

import asyncio
import inspect
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import xray


def inspected(path):
    """What x-ray says of a file; its newer versions say it later."""
    said = xray.inspect(path)
    return asyncio.run(said) if inspect.iscoroutine(said) else said


def bare(text):
    return "".join(text.split())


def main():
    daumat, folders = sys.argv[1], sys.argv[2:]
    theirs = found = files_more = 0
    paths = sorted(path for folder in folders for path in Path(folder).rglob("*.pdf"))
    for path in paths:
        try:
            report = {page: [bare(one["text"]) for one in all] for page, all in inspected(str(path)).items()}
        except Exception as error:
            print(f"{path.name}: x-ray: {error}")
            continue
        out = subprocess.run([daumat, "extract", "-f", "jsonl", str(path)], capture_output=True, check=False).stdout.decode()
        ours = defaultdict(list)
        for line in out.split("\n"):
            record = json.loads(line) if line else {}
            if record.get("type") == "segment" and record["place"]["kind"] == "redacted":
                ours[record["place"]["page"]].append(bare(record["text"]))
        for page, texts in report.items():
            for text in texts:
                theirs += 1
                # Letters and digits: x-ray cuts at the box, and a comma may be left of it.
                wanted = "".join(letter for letter in text if letter.isalnum())
                have = "".join(letter for letter in "".join(ours[page]) if letter.isalnum())
                if wanted in have:
                    found += 1
                else:
                    print(f"{path.name}: page {page}: missing {text[:60]!r}; here {ours[page][:3]}")
        more = {page: [text for text in texts if not any(text in one or one in text for one in report.get(page, []))] for page, texts in ours.items()}
        more = {page: texts for page, texts in more.items() if texts}
        if more:
            files_more += 1
            print(f"{path.name}: redacted here and not there {dict(list(more.items())[:2])}"[:300])
    print(f"{len(paths)} files: {found} of x-ray's {theirs} found; {files_more} files with more than x-ray has")


if __name__ == "__main__":
    main()
