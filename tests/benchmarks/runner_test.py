"""Tests the runner: its arithmetic, its picture, and a small run of everything that was built.

Usage: runner_test.py FOLDER_OF_RUNNER BUILD_DIRECTORY
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

FOLDER, BUILD = sys.argv[1:3]
sys.path.insert(0, FOLDER)

from runner import generators, page, plot, results, servers, workloads  # noqa: E402


def results_of(figures):
    """Results of one workload; `figures` has, for each server, those of its rounds."""
    workload = workloads.WORKLOADS[0]
    found = results.Results([workload], list(figures))
    for server, rounds in figures.items():
        for number, figure in enumerate(rounds):
            found.add(workload, server, number, figure)
    return workload, found


class Arithmetic(unittest.TestCase):
    def test_a_ratio_is_the_median_of_the_ratios_within_each_round(self):
        workload, found = results_of({"limit": [1, 2, 4], "other": [2, 2, 6]})
        summary = found.summary(workload, "other")
        self.assertEqual((summary["median"], summary["least"], summary["greatest"]), (2, 2, 6))
        self.assertEqual(summary["ratio"], 1.5)
        self.assertEqual((summary["least_ratio"], summary["greatest_ratio"]), (1, 2))

    def test_without_a_limit_there_is_no_ratio(self):
        workload, found = results_of({"other": [2.5]})
        self.assertIsNone(found.summary(workload, "other")["ratio"])
        self.assertIn("2.500", results.table(found))
        self.assertNotIn("×2.5", results.table(found))

    def test_what_failed_is_a_dash(self):
        workload, found = results_of({"limit": [1], "other": []})
        found.fail(workload, "other", "it cannot")
        self.assertTrue(found.has_failed(workload, "other"))
        self.assertEqual(found.failures(), [(workload.name, "other", "it cannot")])
        self.assertIn("–", results.table(found))

    def test_a_further_server_is_a_name_and_a_command_that_may_have_more_signs(self):
        self.assertEqual(servers.parse_further("a=./b --c=d"), ("a", "./b --c=d"))
        self.assertRaises(ValueError, servers.parse_further, "./b")


class Picture(unittest.TestCase):
    def test_it_is_well_formed_and_has_a_bar_for_each_server(self):
        _, found = results_of({"limit": [1, 1], "<other>": [2, 2]})
        root = xml.etree.ElementTree.fromstring(plot.svg(found, "a <caption>"))
        bars = [part for part in root if part.get("height") == str(plot.BAR - 2)]
        widths = [float(bar.get("width")) for bar in bars]
        self.assertEqual(len(widths), 2)
        self.assertAlmostEqual(widths[1], 2 * widths[0], delta=0.2)


FACTS = {"processor": "a processor", "processors": 2, "kernel": "a kernel", "date": "a day",
         "load": 0.1, "command": "run.py --page", "rounds": 3}


class Page(unittest.TestCase):
    def test_only_what_is_between_the_marks_is_replaced(self):
        old = f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n"
        new = page.replaced(old, "new")
        self.assertEqual(new, f"before\n{page.BEGIN}\n\nnew\n\n{page.END}\nafter\n")
        self.assertEqual(page.replaced(new, "new"), new)
        self.assertRaises(ValueError, page.replaced, "no marks", "new")

    def test_it_has_the_machine_the_date_the_command_and_the_figures(self):
        _, found = results_of({"limit": [1, 1], "other": [2, 2]})
        for words in (page.short_section(found, FACTS), page.text(found, FACTS)):
            for fact in ("a processor", "a day", "run.py --page", "2.000 ×2.00"):
                self.assertIn(fact, words.replace(" (2.000–2.000)", ""))

    def test_a_busy_machine_is_admitted(self):
        _, found = results_of({"limit": [1]})
        self.assertNotIn("busy", page.short_section(found, FACTS))
        self.assertIn("busy", page.short_section(found, {**FACTS, "load": 3}))

    def test_it_writes_into_the_readme_of_the_tree(self):
        _, found = results_of({"limit": [1]})
        with tempfile.TemporaryDirectory() as tree:
            os.mkdir(os.path.join(tree, page.FOLDER))
            page.write(os.path.join(tree, "README.md"), f"{page.BEGIN}\n{page.END}\n")
            page.publish(tree, found, FACTS, picture="<svg/>", figures="{}")
            with open(os.path.join(tree, "README.md"), encoding="utf-8") as file:
                self.assertIn("1.000", file.read())
            self.assertEqual(sorted(os.listdir(os.path.join(tree, page.FOLDER))),
                             ["performance.json", "performance.md", "performance.svg"])

    def test_the_readme_has_the_place(self):
        with open(os.path.join(os.path.dirname(FOLDER), "README.md"), encoding="utf-8") as file:
            self.assertIn("new", page.replaced(file.read(), "new"))


class Rates(unittest.TestCase):
    def test_generators_get_the_processors_that_the_server_leaves_but_always_one(self):
        four = generators.Processors(4, server_threads=2)
        self.assertEqual((four.for_server()[-1], four.generators), ("0-1", 2))
        self.assertEqual([four.for_generator(i)[-1] for i in range(2)], ["2", "3"])
        two = generators.Processors(2, server_threads=2)
        self.assertEqual((two.for_server()[-1], two.generators), ("0-0", 1))

    def test_the_rates_of_generators_that_run_together_add_up(self):
        reports = [{"messages_per_second": 1, "label": "x"}, {"messages_per_second": 2}]
        self.assertEqual(generators.together(reports), {"messages_per_second": 3, "label": "x"})

    def test_a_rate_is_only_asked_of_servers_that_take_threads(self):
        rates = [workload for workload in workloads.WORKLOADS if workload.is_rate]
        self.assertEqual([workload.threads for workload in rates], [1, 2])
        self.assertTrue(all(servers.serves("hawser", workload) for workload in rates))
        self.assertFalse(any(servers.serves("mine", workload) for workload in rates))


class Run(unittest.TestCase):
    def test_all_workloads_run_against_all_servers_and_one_of_the_command_line(self):
        with tempfile.TemporaryDirectory() as folder:
            files = {name: os.path.join(folder, name) for name in ("json", "svg")}
            limit = os.path.join(BUILD, "benchmarks", "limit_server")
            done = subprocess.run(
                [sys.executable, "-B", os.path.join(FOLDER, "run.py"), "--build", BUILD, "--smoke",
                 "--rounds", "1", "--servers", "limit,hawser,mine,broken",
                 "--server", f"mine='{limit}'", "--server", "broken=false",
                 "--json", files["json"], "--svg", files["svg"]],
                capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(files["json"], encoding="utf-8") as file:
                found = json.load(file)
            xml.etree.ElementTree.parse(files["svg"])
        ran = {(row["workload"], row["server"]) for row in found["summary"]}
        self.assertEqual(ran, {(workload.name, server) for workload in workloads.WORKLOADS
                               for server in ("limit", "hawser", "mine")
                               if server != "mine" or not workload.is_rate})
        self.assertEqual({server for _, server, _ in found["failures"]}, {"broken"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
