/* SPDX-License-Identifier: GPL-2.0-only */
/* sanitizers.h - data races that ThreadSanitizer has noted and nobody has told yet become findings. */
#ifndef HARNESS_FINDING_SANITIZERS_H
#define HARNESS_FINDING_SANITIZERS_H

void sanitizers_tell(void);

#endif
