/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The topics that the broker may keep a message of this hub under, so that it can remove what it
 * does not say any more: those of its former name, and of devices that are gone.
 *
 * Nothing here waits for the disk: what a power cut takes is noted again at the next connection.
 */

#include "store/store.h"

/* Adds the topics that are not there, all of them or none. 0 or -errno. */
int store_retain(struct store *store, const char *const *topics, size_t n_topics);

/* The broker has removed it. 0, also if it was not there, or -errno. */
int store_release(struct store *store, const char *topic);

/*
 * The first topic after @topic in the order of their bytes; after "" the first of all. @ret_topic
 * may be @topic. 0; STORE_E_NONE; -errno.
 */
int store_retained_after(struct store *store, const char *topic, char ret_topic[STORE_TOPIC_SIZE]);
