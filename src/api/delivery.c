/* SPDX-License-Identifier: Apache-2.0 */

#include "api/delivery.h"

#include <stdio.h>
#include <string.h>

#include "api/devices.h"
#include "util/log.h"

json_t *delivery_json(const struct store_delivery *delivery)
{
        return json_pack("{s:b, s:i}", "retain", (int)delivery->retain, "throttle",
                         (int)delivery->throttle_s);
}

static const char *read_retain(const json_t *value, struct store_delivery *delivery)
{
        if (!json_is_null(value) && !json_is_boolean(value))
                return "'retain' is not true or false";
        delivery->retain = json_is_true(value);
        return NULL;
}

static const char *read_throttle(const json_t *value, struct store_delivery *delivery)
{
        json_int_t seconds = json_integer_value(value);

        if ((!json_is_null(value) && !json_is_integer(value)) || seconds < 0 ||
            seconds > DELIVERY_THROTTLE_MAX)
                return "'throttle' is not a whole number of seconds from 0 to 86400";
        delivery->throttle_s = (uint32_t)seconds;
        return NULL;
}

static const char *read_one(const char *key, const json_t *value, struct store_delivery *delivery)
{
        if (strcmp(key, "retain") == 0)
                return read_retain(value, delivery);
        if (strcmp(key, "throttle") == 0)
                return read_throttle(value, delivery);
        return "a device has no such option; its options are: retain and throttle";
}

bool delivery_read(json_t *object, struct store_delivery *delivery, char ret_wrong[API_DETAIL_SIZE])
{
        const char *wrong = json_is_object(object) ? NULL : "the options are not an object";
        struct store_delivery read = *delivery;
        const char *key;
        json_t *value;

        json_object_foreach(object, key, value)
        {
                wrong = read_one(key, value, &read);
                if (wrong)
                        break;
        }
        if (!wrong)
                *delivery = read;
        else
                (void)snprintf(ret_wrong, API_DETAIL_SIZE, "%s", wrong);
        return !wrong;
}

struct api_answer delivery_change(const struct api_backend *backend, const char *who,
                                  json_t *object, struct store_delivery *ret_from,
                                  struct store_delivery *ret_to)
{
        struct store_device device;
        char wrong[API_DETAIL_SIZE];
        int r;

        r = devices_resolve(backend->store, who, &device);
        explicit_bzero(&device.ownership, sizeof(device.ownership));
        if (r == STORE_E_NONE)
                return api_refuse(REASON_NO_SUCH_DEVICE);
        if (r == 0)
                r = store_delivery_get(backend->store, device.device_id, ret_from);
        if (r != 0) {
                (void)log_errno(r, "The options of a device cannot be read");
                return api_refuse(store_reason(r));
        }
        *ret_to = *ret_from;
        if (!delivery_read(object, ret_to, wrong))
                return api_refuse_because(REASON_REQUEST_INVALID, "%s", wrong);
        return backend->handler->on_delivery(backend->userdata, who, ret_to);
}
