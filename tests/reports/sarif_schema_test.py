# SPDX-License-Identifier: GPL-2.0-only
"""sarif_schema_test.py - our SARIF by the schema of the standard, which is not ours to keep here: npm's package
@microsoft/jest-sarif has it.  Skipped (77) without npm or a registry."""
import copy
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

import example_night
import jsonschema
from mmutorture_reports import document, sarif

PACKAGE, MEMBER = "@microsoft/jest-sarif@1.0.0-beta.0", "package/lib/schemas/sarif-2.1.0-rtm.5.json"


def fetch():
    """None: there is no way to it here."""
    if not shutil.which("npm"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, stdout=subprocess.DEVNULL, check=False,
                              timeout=120)
        archives = list(pathlib.Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            return None
        with tarfile.open(archives[0]) as archive:
            return json.load(archive.extractfile(MEMBER))


class Standard(unittest.TestCase):
    validator = None

    def log(self, kind):
        with tempfile.TemporaryDirectory() as folder:
            db = example_night.build(pathlib.Path(folder), kind)
            log = sarif.log(document.read_document(db, example_night.AT))
            db.close()
        return log

    def test_valid(self):
        for kind in example_night.KINDS:
            with self.subTest(kind=kind):
                self.assertEqual([error.message for error in self.validator.iter_errors(self.log(kind))], [])

    def test_what_is_not_valid_is_noticed(self):
        whole = self.log("whole")
        broken = copy.deepcopy(whole)
        del broken["runs"][0]["results"][0]["message"]
        self.assertFalse(self.validator.is_valid(broken))
        broken = copy.deepcopy(whole)
        broken["runs"][0]["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"][0]["importance"] = "high"
        self.assertFalse(self.validator.is_valid(broken))


if __name__ == "__main__":
    schema = fetch()
    if schema is None:
        print(f"no npm here, or no {PACKAGE}")
        sys.exit(77)
    Standard.validator = jsonschema.validators.validator_for(schema)(schema)
    unittest.main()
