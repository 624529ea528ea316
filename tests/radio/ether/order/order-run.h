/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* The functions behind the table of orders. 0, or ORDER_REFUSED. */

#include "order/call.h"

/* order-plug.c: controllers */
int order_plug(struct call *call);
int order_unplug(struct call *call);
int order_freeze(struct call *call);
int order_thaw(struct call *call);
int order_mute(struct call *call);
int order_unmute(struct call *call);
int order_record(struct call *call);
int order_list(struct call *call);

/* order-way.c: what lies between them */
int order_signal(struct call *call);
int order_loss(struct call *call);
int order_hold(struct call *call);
int order_release(struct call *call);
int order_drop(struct call *call);
int order_forge(struct call *call);
int order_refuse(struct call *call);
int order_cut(struct call *call);
int order_flood(struct call *call);
