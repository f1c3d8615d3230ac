# SPDX-License-Identifier: GPL-2.0-only
"""What nights found: the store, what reads the tools' output into it, and what tells people."""
