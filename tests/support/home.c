/* SPDX-License-Identifier: Apache-2.0 */

#include "support/home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/crypto.h"

static const uint8_t private_key[32] = {1, 2, 3};

static void home_make_device(struct home *h)
{
        sample_init(&h->sample);
        crypto_x25519_base(private_key, h->sample.payload.public_key);
        h->sample.payload.reach = PAYLOAD_REACH_STREAM;
        sample_encode(&h->sample);
        sample_sign(&h->sample);
        thing_init(&h->thing, h->event, private_key, h->sample.payload.secret);
        thing_start(&h->thing);
        thing_listen(&h->thing);
}

void home_init(struct home *home, const uint8_t *master)
{
        memset(home, 0, sizeof(*home));
        assert_true(sd_event_new(&home->event) >= 0);
        home_make_device(home);
        strcpy(home->directory, "/tmp/test-home-XXXXXX");
        assert_non_null(mkdtemp(home->directory));
        (void)snprintf(home->database, sizeof(home->database), "%s/enrolld.db", home->directory);
        home->issuers = sample_issuers(&home->issuer);
        strcpy(home->site.location, "Hamngatan 1");
        strcpy(home->site.owner, "Andersson");
        home->means.plan = (struct plan_means){.issuers = &home->issuers,
                                               .master = master,
                                               .hub = "home",
                                               .site = &home->site,
                                               .ceiling = CAPABILITY_ALL,
                                               .daemon = 256,
                                               .fail_safe_sec = 60};
        assert_int_equal(store_open(home->database, &home->means.plan.store), 0);
        way_init(&home->way, home->event);
        way_add(&home->way, home->thing.address);
        home->means.finder = home->way.means;
        home->means.find_sec = 60;
}

void home_done(struct home *home)
{
        char command[96];

        thing_done(&home->thing);
        way_done(&home->way);
        (void)store_free(home->means.plan.store);
        (void)snprintf(command, sizeof(command), "rm -rf %s", home->directory);
        assert_int_equal(system(command), 0);
        home->event = sd_event_unref(home->event);
}
