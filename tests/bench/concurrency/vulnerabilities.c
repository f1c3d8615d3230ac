// SPDX-License-Identifier: GPL-2.0-only
/* vulnerabilities.c - races of kernels and libraries that have a CVE number, as far as it takes to show them. */
#include "shared.h"

#include <stddef.h>

static void use(struct object *object)
{
	must_hold(object && LOAD(object->live));
}

static void release(struct object *object)
{
	use(object);
	STORE(object->live, false);
}

static struct object *make(struct object *object)
{
	object->live = true;
	return object;
}

/* ---------------------------------------------------------------------------------------------------- CVE-2009-3547 */

/* fs/pipe.c: an open through /proc finds the inode, but the pipe may have gone with its last reader. */
static void pipe_open_again(void *shared)
{
	struct pipe_open *inode = shared;

	mutex_lock(&inode->inode_mutex);
	use(LOAD(inode->pipe));
	STORE(inode->readers, LOAD(inode->readers) + 1);
	mutex_unlock(&inode->inode_mutex);
}

static void pipe_release(void *shared)
{
	struct pipe_open *inode = shared;

	mutex_lock(&inode->inode_mutex);
	STORE(inode->readers, LOAD(inode->readers) - 1);
	if (!LOAD(inode->readers)) {
		release(LOAD(inode->pipe));
		STORE(inode->pipe, NULL);
	}
	mutex_unlock(&inode->inode_mutex);
}

void pipe_open(void *shared, unsigned int threads)
{
	struct pipe_open *inode = shared;

	(void)threads;
	inode->pipe = make(&inode->pipe_info);
	inode->readers = 1;
	thread_start(pipe_open_again, shared);
	thread_start(pipe_release, shared);
	threads_join();
}

/* ---------------------------------------------------------------------------------------------------- CVE-2013-1792 */

/* security/keys/process_keys.c: who sees the first keyring takes the second one for there, too. */
static void keyrings_install_and_use(void *shared)
{
	struct keyrings *user = shared;

	if (!LOAD(user->uid_keyring)) {
		mutex_lock(&user->lock);
		if (!LOAD(user->uid_keyring)) {
			STORE(user->uid_keyring, make(&user->uid));
			STORE(user->session_keyring, make(&user->session));
		}
		mutex_unlock(&user->lock);
	}
	use(LOAD(user->session_keyring));
}

void keyrings(void *shared, unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++)
		thread_start(keyrings_install_and_use, shared);
	threads_join();
}

/* ---------------------------------------------------------------------------------------------------- CVE-2016-1972 */

/*
 * libvpx's once() for Windows: the last one to leave frees the lock, while another one, who has not counted itself yet
 * when that is decided, finds it still there.
 */
static struct object *once_lock(struct once *once)
{
	int current = LOAD(once->current);

	must_hold(current);
	return &once->candidate[current - 1];
}

static void once_call(void *shared)
{
	struct once *once = shared;
	int mine = atomic_add(&once->threads, 1);
	struct object *lock;

	if (LOAD(once->done))
		return;
	atomic_add(&once->waiters, 1);
	make(&once->candidate[mine - 1]);
	if (!atomic_replace(&once->current, 0, mine))
		release(&once->candidate[mine - 1]);
	lock = once_lock(once);
	use(lock);
	mutex_lock(&lock->mutex);
	STORE(once->done, true);
	use(lock);
	mutex_unlock(&lock->mutex);
	if (!atomic_add(&once->waiters, -1)) {
		release(once_lock(once));
		STORE(once->current, 0);
	}
}

void once(void *shared, unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++)
		thread_start(once_call, shared);
	threads_join();
}

/* ---------------------------------------------------------------------------------------------------- CVE-2016-9806 */

/* net/netlink/af_netlink.c: which buffer is freed is looked up after the mutex has been left. */
static void netlink_dump_once(void *shared)
{
	struct netlink_dump *socket = shared;
	int mine = atomic_add(&socket->dumps, 1) - 1;

	mutex_lock(&socket->cb_mutex);
	if (LOAD(socket->cb_running)) {
		mutex_unlock(&socket->cb_mutex);
		return;
	}
	STORE(socket->cb_buffer, make(&socket->buffer[mine]));
	STORE(socket->cb_running, true);
	mutex_unlock(&socket->cb_mutex);

	mutex_lock(&socket->cb_mutex);
	use(LOAD(socket->cb_buffer));
	STORE(socket->cb_running, false);
	mutex_unlock(&socket->cb_mutex);
	release(LOAD(socket->cb_buffer));
}

void netlink_dump(void *shared, unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++)
		thread_start(netlink_dump_once, shared);
	threads_join();
}

/* ---------------------------------------------------------------------------------------------------- CVE-2017-6346 */

/* net/packet/af_packet.c: two calls add a fanout to one socket; the one that fails frees what the other one has set. */
static void packet_fanout_add(void *shared)
{
	struct packet_fanout *socket = shared;
	int mine = atomic_add(&socket->callers, 1) - 1;

	if (LOAD(socket->socket_fanout))
		return;
	STORE(socket->socket_rollover, make(&socket->rollover[mine]));
	mutex_lock(&socket->fanout_mutex);
	if (!LOAD(socket->socket_fanout)) {
		STORE(socket->socket_fanout, true);
		mutex_unlock(&socket->fanout_mutex);
		use(LOAD(socket->socket_rollover));
		return;
	}
	mutex_unlock(&socket->fanout_mutex);
	release(LOAD(socket->socket_rollover));
	STORE(socket->socket_rollover, NULL);
}

void packet_fanout(void *shared, unsigned int threads)
{
	for (unsigned int i = 0; i < threads; i++)
		thread_start(packet_fanout_add, shared);
	threads_join();
}

/* --------------------------------------------------------------------------------------------------- CVE-2017-15265 */

/* sound/core/seq/seq_ports.c: a new port can be found, and deleted, before its maker has given it a name. */
static void port_create(void *shared)
{
	struct sequencer_port *client = shared;
	struct object *port = make(&client->port);

	mutex_lock(&client->ports_lock);
	STORE(client->listed, port);
	mutex_unlock(&client->ports_lock);
	use(port);
	STORE(client->name, 1);
}

static void port_delete(void *shared)
{
	struct sequencer_port *client = shared;
	struct object *port;

	mutex_lock(&client->ports_lock);
	port = LOAD(client->listed);
	STORE(client->listed, NULL);
	mutex_unlock(&client->ports_lock);
	if (port)
		release(port);
}

void sequencer_port(void *shared, unsigned int threads)
{
	(void)threads;
	thread_start(port_create, shared);
	thread_start(port_delete, shared);
	threads_join();
}
