# SPDX-License-Identifier: GPL-2.0-only
"""ci/nightly: options.py what is asked for, plan.py which stages, night.py who runs when, stages_*.py what each does,
run.py one program in its directory, leash.py nothing outlives the night."""
