/* SPDX-License-Identifier: GPL-2.0-only */
/* shared.h - what the threads of each program share, and the programs' main threads (programs.def). */
#ifndef TESTS_BENCH_CONCURRENCY_SHARED_H
#define TESTS_BENCH_CONCURRENCY_SHARED_H

#include "program.h"

struct reorder {
	int a, b;
};

struct twostage {
	struct host_lock first_lock, second_lock;
	int first, second;
};

struct account {
	struct host_lock lock;
	int balance;
	bool deposited, withdrawn;
};

struct token_ring {
	struct host_lock lock;
	int x[3];
	bool passed[3];
};

#define QUEUE_ELEMENTS 20
struct queue {
	struct host_lock lock;
	unsigned int head, tail;
	int element[QUEUE_ELEMENTS], stored[QUEUE_ELEMENTS];
	bool may_put, may_get;
};

struct lazy {
	struct host_lock lock;
	int data;
};

struct wronglock {
	struct host_lock data_lock, other_lock;
	int data;
};

struct bank {
	struct host_lock lock;
	int balance;
};

struct bluetooth_driver {
	int pending_io;
	bool stopping, stopping_event, stopped;
};

struct stringbuffer {
	struct string {
		struct host_lock lock;
		int length;
	} to, from;
};

struct deadlock {
	struct host_lock a, b;
	int counter;
};

struct carter {
	struct host_lock door, room;
	int inside[2];
};

#define PHILOSOPHERS 5
struct philosophers {
	struct host_lock fork[PHILOSOPHERS];
	int seated;
};

#define STACK_ITEMS 3
struct safestack {
	struct {
		int value, next;
	} item[STACK_ITEMS];
	int head, count, threads;
};

/* Memory that is freed or not, and what may be in it. */
struct object {
	bool live;
	struct host_lock mutex;
};

struct pipe_open {
	struct host_lock inode_mutex;
	struct object pipe_info;
	struct object *pipe;
	int readers;
};

struct keyrings {
	struct host_lock lock;
	struct object uid, session;
	struct object *uid_keyring, *session_keyring;
};

#define ONCE_LOCKS 2
struct once {
	struct object candidate[ONCE_LOCKS];
	int threads, current; /* one more than the number of the candidate; 0: none */
	int waiters;
	bool done;
};

#define DUMPS 2
struct netlink_dump {
	struct host_lock cb_mutex;
	struct object buffer[DUMPS];
	struct object *cb_buffer;
	int dumps;
	bool cb_running;
};

#define FANOUTS 2
struct packet_fanout {
	struct host_lock fanout_mutex;
	struct object rollover[FANOUTS];
	struct object *socket_rollover;
	int callers;
	bool socket_fanout;
};

struct sequencer_port {
	struct host_lock ports_lock;
	struct object port;
	struct object *listed;
	int name;
};

#define BUGGY(name, function, type, threads, enough, pct, pos, rff) \
	void function(void *shared, unsigned int nr_threads);
#define CORRECT(name, function, type, threads) void function(void *shared, unsigned int nr_threads);
#include "programs.def"
#undef BUGGY
#undef CORRECT

#endif
