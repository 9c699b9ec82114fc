#!/usr/bin/env python3
"""Independent check of the readers of RTF, Outlook messages, TNEF and mail: does every word that other software sees
occur in what `daumat extract` shows of the file and its members?

usage: message_words.py BINARY FILE_OR_FOLDER...     prints a line per format, then the files with missing words

Witnesses: rtf: unrtf, and LibreOffice's text export (soffice) where it opens the file; msg: extract-msg; TNEF: tnefparse;
eml, emlx and mbox: Python's email package. Not installed: that witness is left out, and it says so. A word is a run of
letters and digits with at least one letter and three characters; it counts as found when it occurs in the transcript after
blanks are removed on both sides. That is kind to the reader: it does not see glued words.
"""
import collections, email, email.policy, html, json, mailbox, os, re, shutil, signal, subprocess, sys, tempfile, unicodedata

WORD = re.compile(r"[^\W_]{3,}")


def plain(markup):
    markup = re.sub(r"(?is)<(script|style).*?</\1>|<!--.*?-->", " ", markup)
    return html.unescape(re.sub(r"(?s)<[^>]*>", " ", markup))


def unrtf(path):
    if not shutil.which("unrtf"):
        return None
    run = subprocess.run(["unrtf", "--html", "--nopict", path], capture_output=True, timeout=60)
    return plain(run.stdout.decode("utf-8", "replace")) if run.returncode == 0 else None


def libreoffice(path):
    if not shutil.which("soffice"):
        return None
    with tempfile.TemporaryDirectory() as out:
        profile = "-env:UserInstallation=file://" + os.path.join(tempfile.gettempdir(), "message-words-profile")
        filters = "txt:Text (encoded):UTF8"
        try:
            subprocess.run(["soffice", profile, "--headless", "--infilter=Rich Text Format", "--convert-to", filters,
                            "--outdir", out, path], capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            return None
        made = os.listdir(out)
        return open(os.path.join(out, made[0]), encoding="utf-8-sig").read() if made else None


def outlook(path):
    import extract_msg
    message = extract_msg.openMsg(path)
    texts = [message.subject, message.body, getattr(message, "sender", None), getattr(message, "to", None), getattr(message, "cc", None)]
    body = getattr(message, "htmlBody", None)
    if body:
        texts.append(plain(body.decode("utf-8", "replace")) if b"utf-8" in body.lower() else "")
    for attached in getattr(message, "attachments", []):
        texts.append(getattr(attached, "longFilename", None) or getattr(attached, "shortFilename", None))
    for recipient in getattr(message, "recipients", []):
        texts += [recipient.name, recipient.email]
    return "\n".join(text for text in texts if isinstance(text, str))


def tnef(path):
    from tnefparse import TNEF
    parsed = TNEF(open(path, "rb").read(), do_checksum=False)
    texts = []
    for part in (parsed.body, parsed.htmlbody):
        if isinstance(part, bytes):
            part = part.decode("utf-8", "replace")
        if part:
            texts.append(plain(part) if "<" in part else part)
    for attached in parsed.attachments:
        texts.append(attached.long_filename() if hasattr(attached, "long_filename") else attached.name)
    return "\n".join(texts)


def of_message(message):
    texts = [str(message.get(name, "")) for name in ("subject", "from", "to", "cc")]
    for part in message.walk():
        name = part.get_filename()
        if name:
            texts.append(name)
        if part.get_content_maintype() == "text":
            try:
                content = part.get_content()
            except (LookupError, ValueError):
                continue
            texts.append(plain(content) if part.get_content_subtype() == "html" else content)
    return "\n".join(texts)


def mail(path):
    data = open(path, "rb").read()
    if path.endswith(".emlx"):
        data = data.split(b"\n", 1)[1]
        data = data[: data.rfind(b"<?xml")]
    return of_message(email.message_from_bytes(data, policy=email.policy.default))


def mails(path):
    box = mailbox.mbox(path, create=False)
    return "\n".join(of_message(email.message_from_bytes(m.as_bytes(), policy=email.policy.default)) for m in box)


WITNESSES = {
    ".rtf": [unrtf, libreoffice], ".msg": [outlook], ".dat": [tnef], ".tnef": [tnef],
    ".eml": [mail], ".emlx": [mail], ".mht": [mail], ".mhtml": [mail], ".mbox": [mails],
}


def squeeze(text):
    return "".join(unicodedata.normalize("NFC", text).replace("\u00ad", "").split())


def own(binary, path):
    run = subprocess.run([binary, "extract", "-f", "jsonl", path], capture_output=True, timeout=300)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    texts = [record["text"] for record in records if record["type"] == "segment"]
    gaps = [gap["reason"] for record in records if record["type"] == "document" for gap in record["gaps"]]
    return squeeze("\n".join(texts)), sorted(set(gaps))


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in os.walk(path):
            yield from sorted(os.path.join(folder, name) for name in names)


def too_long(*_):
    raise TimeoutError


def main():
    signal.signal(signal.SIGALRM, too_long)
    binary, paths, totals, worst, absent = sys.argv[1], sys.argv[2:], collections.defaultdict(lambda: [0, 0, 0]), [], set()
    for path in files(paths):
        for witness in WITNESSES.get(os.path.splitext(path)[1].lower(), []):
            signal.alarm(120)
            try:
                reference = witness(path)
            except ImportError as error:
                absent.add(error.name)
                continue
            except Exception as error:  # whatever a witness dies of says nothing of us
                absent.add(f"{witness.__name__} failed on {os.path.basename(path)}: {type(error).__name__}")
                continue
            finally:
                signal.alarm(0)
            if reference is None:
                continue
            words = {w for w in WORD.findall(unicodedata.normalize("NFC", reference.replace("\u00ad", ""))) if not w.isnumeric()}
            text, gaps = own(binary, path)
            missing = sorted(w for w in words if w not in text)
            total = totals[os.path.splitext(path)[1].lower(), witness.__name__]
            total[0] += 1
            total[1] += len(words)
            total[2] += len(missing)
            if missing:
                worst.append((len(missing), len(words), path, witness.__name__, gaps, missing[:12]))
    for (kind, witness), (count, words, missing) in sorted(totals.items()):
        print(f"{kind} by {witness}: {count} files, {words} words, {100 * (words - missing) / max(words, 1):.2f} % found")
    for note in sorted(absent):
        print("not asked:", note)
    for missing, words, path, witness, gaps, some in sorted(worst, reverse=True):
        print(f"{missing:6} of {words:6} {path} ({witness}) gaps {gaps}: {' '.join(some)}")


if __name__ == "__main__":
    main()
