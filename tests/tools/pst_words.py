#!/usr/bin/env python3
"""Words of messages in Outlook's stores, as libpff reads them, against what daumat finds.

    python3 tests/tools/pst_words.py [--daumat PATH] FILE...

Needs `pip install libpff-python`. Compared are subjects, senders and bodies (plain and HTML, without its markup) of all messages that
hang on a folder; daumat reads those that hang on none, too, and attachments. Exit code 1 when a word is missing.
"""
import argparse
import html
import json
import re
import subprocess
import sys
from pathlib import Path

WORD = re.compile(r"[^\W\d_]{3,}")
MARKUP = re.compile(r"<(style|script)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.S | re.I)


def texts(folder, found):
    """Pairs of what it is and its text, of a folder and those in it."""
    for number in range(folder.number_of_sub_messages):
        try:
            message = folder.get_sub_message(number)
        except OSError:
            found["unread"] += 1
            continue
        found["messages"] += 1
        for field in ("subject", "sender_name", "plain_text_body", "html_body"):
            try:
                value = getattr(message, field, None)
            except OSError:
                found["unread"] += 1
                continue
            if isinstance(value, bytes):
                # Letters outside ASCII depend on a code page that libpff does not tell; words with them are left out.
                value = value.decode("ascii", "replace").replace("\ufffd", "\ufffe")
            if field == "html_body" and value:
                value = html.unescape(MARKUP.sub(" ", value))
            found["texts"].append((field, value or ""))
    for number in range(folder.number_of_sub_folders):
        texts(folder.get_sub_folder(number), found)


def main():
    import pypff

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--daumat", default=Path(__file__).parents[2] / "target/release/daumat")
    parser.add_argument("files", nargs="+")
    args = parser.parse_args()
    words = missing = 0
    for name in args.files:
        found = {"messages": 0, "unread": 0, "texts": []}
        try:
            store = pypff.file()
            store.open(name)
            texts(store.get_root_folder(), found)
        except OSError as error:
            print(f"{name}: libpff: {str(error)[:120]}")
        run = subprocess.run([args.daumat, "extract", "-f", "jsonl", name], capture_output=True, check=False)
        records = [json.loads(line) for line in run.stdout.splitlines()]
        ours = {word.lower() for record in records for word in WORD.findall(record.get("text", ""))}
        gaps = [gap["reason"] for record in records for gap in record.get("gaps", []) if gap["reason"] != "image-only"]
        theirs = [(field, word) for field, text in found["texts"] for word in WORD.findall(text) if "\ufffe" not in word]
        missed = [(field, word) for field, word in theirs if word.lower() not in ours]
        words += len(theirs)
        missing += len(missed)
        print(f"{Path(name).name}: {found['messages']} messages, {found['unread']} unread by libpff; "
              f"{len(theirs)} words, {len(missed)} missing {missed[:8]} {sorted(set(gaps))}")
    print(f"{words} words, {missing} missing")
    return missing > 0


if __name__ == "__main__":
    sys.exit(main())
