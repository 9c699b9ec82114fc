#!/usr/bin/env python3
"""A workbook of a million cells: `daumat extract` beside calamine's streaming cell reader.

usage: cells.py [--daumat PATH] [--rounds N]

Makes two workbooks with XlsxWriter (`pip install XlsxWriter`): texts shared, as Excel writes them, and inline, as streaming writers do;
half of the cells are numbers. Builds the peer in `benches/peers/cells` (needs cargo and the package registry). Prints CPU seconds (user and
system, median of the rounds, in turn) and peak memory. `daumat scan` also finds and judges, in two processes; `--isolation none` is the
comparison in one.
"""
import argparse, multiprocessing, os, statistics, subprocess, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def make(path, shared):
    import xlsxwriter
    book = xlsxwriter.Workbook(path, {"constant_memory": not shared})
    sheet = book.add_worksheet("Orla")
    for row in range(100_000):
        for column in range(5):
            sheet.write_string(row, column, f"bấc đèn {row % 5_000} hải đăng Orla {column}")
        for column in range(5, 10):
            sheet.write_number(row, column, row * column)
    book.close()


def run(command):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, (command, child.returncode)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--daumat", default=os.path.join(HERE, "../target/release/daumat"))
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    peer = os.path.join(HERE, "peers/cells")
    with tempfile.TemporaryDirectory(prefix="daumat-cells-") as folder:
        target = os.path.join(folder, "target")
        subprocess.run(["cargo", "build", "--release", "--quiet", "--target-dir", target], cwd=peer, check=True)
        cells = os.path.join(target, "release/cells")
        print("| workbook | tool | CPU s | peak MB |\n|---|---|---|---|")
        for name in ("shared", "inline"):
            path = os.path.join(folder, f"{name}.xlsx")
            # In a process of its own: what a child inherits counts as its peak.
            maker = multiprocessing.Process(target=make, args=(path, name == "shared"))
            maker.start()
            maker.join()
            tools = {
                "daumat scan": [args.daumat, "scan", "-j1", "--isolation", "none", "--exit-zero", "-f", "paths", path],
                "calamine cells_reader": [cells, path],
            }
            results = {tool: [] for tool in tools}
            for _ in range(args.rounds):
                for tool, command in tools.items():
                    results[tool].append(run(command))
            for tool, runs in results.items():
                seconds = statistics.median(cpu for cpu, _ in runs)
                print(f"| {name} | {tool} | {seconds:.2f} | {max(peak for _, peak in runs):.0f} |")


main()
