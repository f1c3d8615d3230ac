/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shim_point.h - the scheduling point as kernel headers see it, before any kernel type exists.  The values are those of
 * enum host_point_kind (shim/points.c asserts it).  Builds for speed leave the points out.
 */
#ifndef MMUTORTURE_SHIM_POINT_H
#define MMUTORTURE_SHIM_POINT_H

#define SHIM_POINT_LOAD 0
#define SHIM_POINT_STORE 1
#define SHIM_POINT_ATOMIC 2

#ifdef MMUTORTURE_POINTS
void shim_point(int kind, const void *object);
#else
#define shim_point(kind, object) ((void)0)
#endif

#endif
