# SPDX-License-Identifier: GPL-2.0-only
"""page_chromium_test.py [FOLDER] - the page in headless Chromium, as Debian has it: it loads without a word on the
console, is never wider than the window, has its lanes, and its links lead somewhere.  Skipped (77) without Chromium.

FOLDER: screenshots are left there.
"""
import pathlib
import shutil
import sys
import tempfile
import unittest

import example_night
from mmutorture_reports import outputs

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
except ModuleNotFoundError:
    webdriver = None

SIZES = ((1280, 900), (400, 800))
SCREENSHOTS = None


def start_browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory()
        cls.browser = start_browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.work.cleanup()

    def make(self, kind):
        folder = pathlib.Path(self.work.name) / kind
        if not folder.exists():
            db = example_night.build(folder / "state", kind)
            outputs.write(db, folder, example_night.AT)
            db.close()
        return folder / "index.html"

    def load(self, page, size, dark=False):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": False})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.browser.get(page.as_uri())
        self.assertEqual(self.browser.get_log("browser"), [])

    def open_all(self):
        self.browser.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")

    def check_width(self, width):
        wide, window = self.browser.execute_script(
            "const s = document.scrollingElement; return [s.scrollWidth, s.clientWidth]")
        self.assertEqual(window, width)
        self.assertLessEqual(wide, window)

    def screenshot(self, name):
        if SCREENSHOTS is None:
            return
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": self.browser.execute_script("return innerWidth"), "deviceScaleFactor": 1, "mobile": False,
            "height": min(16000, self.browser.execute_script("return document.documentElement.scrollHeight"))})
        self.browser.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    def test_width_at_all_sizes(self):
        for kind in example_night.KINDS:
            page = self.make(kind)
            for size in SIZES:
                with self.subTest(kind=kind, width=size[0]):
                    self.load(page, size, dark=size[0] == 400)
                    self.check_width(size[0])
                    self.screenshot(f"{kind}-{size[0]}")
                    self.load(page, size)
                    self.open_all()
                    self.check_width(size[0])

    def test_lanes(self):
        self.load(self.make("whole"), SIZES[0])
        drawings = self.browser.find_elements(By.CSS_SELECTOR, "svg.lanes")
        self.assertEqual(len(drawings), 1)
        self.assertEqual(len(drawings[0].find_elements(By.CSS_SELECTOR, ".lane")), 2)
        self.assertEqual(len(drawings[0].find_elements(By.CSS_SELECTOR, ".swap")), 2)
        for kind in ("lock", "rcu", "srcu"):
            self.assertTrue(drawings[0].find_elements(By.CSS_SELECTOR, f".span.{kind}"), kind)
        points = drawings[0].find_elements(By.CSS_SELECTOR, ".point")
        tops = [point.find_element(By.CSS_SELECTOR, "circle").rect["y"] for point in points]
        self.assertEqual(tops, sorted(tops))
        self.assertGreater(drawings[0].rect["height"], 20 * len(points))

    def test_inner_links_lead_somewhere(self):
        self.load(self.make("whole"), SIZES[0])
        lost = self.browser.execute_script(
            "return [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"
            ".filter(href => !href.startsWith('#') || !document.getElementById(href.slice(1)))")
        self.assertEqual(lost, [])
        twice = self.browser.execute_script(
            "const seen = {}; for (const e of document.querySelectorAll('[id]')) seen[e.id] = (seen[e.id] || 0) + 1;"
            "return Object.keys(seen).filter(id => seen[id] > 1)")
        self.assertEqual(twice, [])

    def test_a_link_opens_the_source_of_a_function(self):
        self.load(self.make("whole"), SIZES[0])
        link = self.browser.find_element(By.CSS_SELECTOR, ".functions a.never")
        target = link.get_attribute("href").split("#")[1]
        self.browser.execute_script("arguments[0].closest('details').open = true", link)
        link.click()
        shown = self.browser.execute_script(
            "return document.getElementById(arguments[0]).closest('pre').checkVisibility()", target)
        self.assertTrue(shown)

    def test_nothing_hostile_becomes_markup(self):
        self.load(self.make("whole"), SIZES[0])
        self.open_all()
        self.assertEqual(self.browser.find_elements(By.TAG_NAME, "script"), [])
        self.assertIn(example_night.HOSTILE, self.browser.find_element(By.TAG_NAME, "body").text)

    def test_dark_is_dark(self):
        shades = []
        for dark in (False, True):
            self.load(self.make("quiet"), SIZES[0], dark)
            colour = self.browser.execute_script("return getComputedStyle(document.documentElement).backgroundColor")
            shades.append(sum(int(part) for part in colour[4:-1].split(",")))
        self.assertGreater(shades[0], 600)
        self.assertLess(shades[1], 150)


if __name__ == "__main__":
    if webdriver is None or not shutil.which("chromium") or not shutil.which("chromedriver"):
        print("no Chromium: apt-get install chromium chromium-driver python3-selenium")
        sys.exit(77)
    if len(sys.argv) > 1:
        SCREENSHOTS = pathlib.Path(sys.argv.pop(1))
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    unittest.main()
