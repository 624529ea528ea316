/* SPDX-License-Identifier: Apache-2.0 */

#include "read/optics.h"

#include <linux/videodev2.h>

#include "read/node.h"
#include "util/defer.h"

#define SWEEP_STEPS      9       /* from the nearest focus to the farthest */
#define SWEEP_STEP_USEC  400000  /* a motor and some frames */
#define SWEEP_PAUSE_USEC 6000000 /* for the automatic, and for the person to hold it better */

enum control {
        CONTROL_EXPOSURE,
        CONTROL_RATE,
        CONTROL_BACKLIGHT,
        CONTROL_FOCUS_AUTO,
        CONTROL_FOCUS,
};

static const uint32_t ids[OPTICS_CONTROLS] = {
        [CONTROL_EXPOSURE] = V4L2_CID_EXPOSURE_AUTO,
        [CONTROL_RATE] = V4L2_CID_EXPOSURE_AUTO_PRIORITY,
        [CONTROL_BACKLIGHT] = V4L2_CID_BACKLIGHT_COMPENSATION,
        [CONTROL_FOCUS_AUTO] = V4L2_CID_FOCUS_AUTO,
        [CONTROL_FOCUS] = V4L2_CID_FOCUS_ABSOLUTE, /* after its automatic, which must be off */
};

/* What the driver says of a control; false if it has none that can be set. */
static bool optics_query(const struct optics *o, enum control which,
                         struct v4l2_queryctrl *ret_query)
{
        struct v4l2_queryctrl query = {.id = ids[which]};

        if (node_ask(o->fd, VIDIOC_QUERYCTRL, &query) < 0 || query.minimum > query.maximum ||
            query.flags & (V4L2_CTRL_FLAG_DISABLED | V4L2_CTRL_FLAG_READ_ONLY))
                return false;
        *ret_query = query;
        return true;
}

static bool optics_read(const struct optics *o, enum control which, int32_t *ret_value)
{
        struct v4l2_control control = {.id = ids[which]};

        if (node_ask(o->fd, VIDIOC_G_CTRL, &control) < 0)
                return false;
        *ret_value = control.value;
        return true;
}

/* Sets what the driver has and does not have so already. */
static bool optics_set(const struct optics *o, enum control which, int32_t value)
{
        struct v4l2_control control = {.id = ids[which], .value = value};
        int32_t now;

        if (!o->controls[which].known || !optics_read(o, which, &now))
                return false;
        return now == value || node_ask(o->fd, VIDIOC_S_CTRL, &control) == 0;
}

void optics_begin(struct optics *o, int fd)
{
        struct v4l2_queryctrl query;

        *o = (struct optics){.fd = fd};
        for (enum control i = 0; i < OPTICS_CONTROLS; i++)
                o->controls[i].known =
                        optics_query(o, i, &query) && optics_read(o, i, &o->controls[i].before);
        /* Webcams know aperture priority only, other cameras the full automatic only. */
        if (!optics_set(o, CONTROL_EXPOSURE, V4L2_EXPOSURE_APERTURE_PRIORITY))
                (void)optics_set(o, CONTROL_EXPOSURE, V4L2_EXPOSURE_AUTO);
        (void)optics_set(o, CONTROL_FOCUS_AUTO, 1);
}

void optics_seek(struct optics *o, uint64_t now_usec)
{
        struct v4l2_queryctrl range;

        if (o->step > 0 || now_usec < o->next_usec || !optics_query(o, CONTROL_FOCUS, &range))
                return;
        (void)optics_set(o, CONTROL_FOCUS_AUTO, 0);
        o->step = 1;
        o->next_usec = 0;
        optics_move(o, now_usec);
}

void optics_move(struct optics *o, uint64_t now_usec)
{
        struct v4l2_queryctrl range;
        int64_t far;

        if (o->step == 0 || now_usec < o->next_usec)
                return;
        if (o->step > SWEEP_STEPS || !optics_query(o, CONTROL_FOCUS, &range)) {
                (void)optics_set(o, CONTROL_FOCUS_AUTO, 1);
                o->step = 0;
                o->next_usec = now_usec + SWEEP_PAUSE_USEC;
                return;
        }
        /* Larger values are nearer, and a label is held near. */
        far = ((int64_t)range.maximum - range.minimum) * (o->step - 1) / (SWEEP_STEPS - 1);
        (void)optics_set(o, CONTROL_FOCUS, (int32_t)(range.maximum - far));
        o->step++;
        o->next_usec = now_usec + SWEEP_STEP_USEC;
}

void optics_brighten(struct optics *o)
{
        struct v4l2_queryctrl range;

        (void)optics_set(o, CONTROL_RATE, 1);
        if (optics_query(o, CONTROL_BACKLIGHT, &range))
                (void)optics_set(o, CONTROL_BACKLIGHT, range.maximum);
}

/* The focus follows its automatic, and can only be set while that is off. */
void optics_end(struct optics *o)
{
        bool automatic = o->controls[CONTROL_FOCUS_AUTO].before != 0;

        for (enum control i = 0; i < OPTICS_CONTROLS; i++)
                if (i != CONTROL_FOCUS || !automatic)
                        (void)optics_set(o, i, o->controls[i].before);
        *o = (struct optics){.fd = -1};
}
