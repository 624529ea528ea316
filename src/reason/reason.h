/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * The reason for a failure: one stable code, one sentence, one remedy.
 *
 * The code is part of the interface (D-Bus, MQTT, exit messages, the journal) and never changes
 * once released; the sentence and the remedy are for people and may. Every part of the hub that can
 * fail names its failure with one of these; REASON_NONE is success.
 */

enum reason {
        REASON_NONE = 0,

        /* the code itself */
        REASON_CODE_NOT_ENROLLMENT,
        REASON_FOREIGN_WIFI,
        REASON_FOREIGN_MATTER,
        REASON_FOREIGN_HOMEKIT,
        REASON_FOREIGN_DPP,
        REASON_FOREIGN_ZWAVE,
        REASON_FOREIGN_ZIGBEE,
        REASON_FOREIGN_ESP,
        REASON_FOREIGN_EAP_NOOB,
        REASON_FOREIGN_WEB,
        REASON_FOREIGN_CONTACT,
        REASON_FOREIGN_CALL,
        REASON_CODE_TRUNCATED,
        REASON_CODE_ALTERED,
        REASON_CODE_MISCOPIED,
        REASON_CODE_UNSIGNED,
        REASON_CODE_ISSUER_UNKNOWN,
        REASON_CODE_MALFORMED,
        REASON_CODE_FORMAT_NEWER,
        REASON_CODE_DAEMON_TOO_OLD,
        REASON_CODE_SUPERSEDED,
        REASON_CODE_NOT_PERMITTED,
        REASON_RECIPIENT_MISSING,
        REASON_PARAMETER_MISSING,
        REASON_PARAMETER_UNKNOWN,
        REASON_PARAMETER_INVALID,
        REASON_PARAMETER_UNWANTED,
        REASON_VALUES_TOO_LONG,

        /* the catalogue, and what names its codes */
        REASON_REFERENCE_MISTYPED,
        REASON_REFERENCE_UNKNOWN,
        REASON_REFERENCE_DIFFERS,
        REASON_REFERENCE_TAKEN,
        REASON_CATALOGUE_MALFORMED,
        REASON_CATALOGUE_FULL,
        REASON_NO_SUCH_ENTRY,
        REASON_FETCH_UNCONFIGURED,
        REASON_FETCH_UNAVAILABLE,
        REASON_FETCH_UNREACHABLE,
        REASON_FETCH_UNTRUSTED,
        REASON_FETCH_REFUSED,
        REASON_FETCH_REDIRECTED,
        REASON_FETCH_TOO_LONG,
        REASON_FETCH_MALFORMED,
        REASON_FETCH_UNASKED,
        REASON_FETCH_INCOMPLETE,

        /* reading it */
        REASON_READER_UNAVAILABLE,
        REASON_CAMERA_MISSING,
        REASON_CAMERA_BUSY,
        REASON_CAMERA_DENIED,
        REASON_CAMERA_FAILED,
        REASON_CAMERA_DARK,
        REASON_IMAGE_UNREADABLE,
        REASON_IMAGE_TRUNCATED,
        REASON_IMAGE_TOO_LARGE,
        REASON_IMAGE_HEIF,
        REASON_IMAGE_PDF,
        REASON_IMAGE_SVG,
        REASON_IMAGE_FORMAT_UNKNOWN,
        REASON_SEVERAL_CODES,
        REASON_IMAGE_NO_CODE,
        REASON_IMAGE_UNDECODABLE,
        REASON_BUTTON_UNAVAILABLE,
        REASON_LIGHT_UNAVAILABLE,
        REASON_NFC_UNAVAILABLE,
        REASON_NFC_MISSING,
        REASON_TAG_EMPTY,
        REASON_TAG_FOREIGN,
        REASON_TAG_REMOVED,
        REASON_TAG_UNREADABLE,
        REASON_TAG_UNSUPPORTED,
        REASON_TAG_TOO_SMALL,
        REASON_TAG_LOCKED,
        REASON_TAG_NOT_WRITTEN,

        /* reaching the device */
        REASON_BLUETOOTH_DOWN,
        REASON_BLUETOOTH_DISABLED,
        REASON_ADAPTER_MISSING,
        REASON_ADAPTER_OFF,
        REASON_ADAPTER_BLOCKED,
        REASON_ADAPTER_BUSY,
        REASON_ADAPTER_STUCK,
        REASON_DEVICE_NOT_FOUND,
        REASON_CONNECT_FAILED,
        REASON_SERVICE_MISSING,
        REASON_LINK_LOST,
        REASON_LINK_TIMEOUT,
        REASON_PORT_UNAVAILABLE,

        /* talking to it */
        REASON_WRONG_SECRET,
        REASON_DEVICE_OWNED,
        REASON_DEVICE_BUSY,
        REASON_PROTOCOL_VIOLATED,
        REASON_PROTOCOL_NEWER,
        REASON_STEP_FAILED,
        REASON_DEVICE_STORAGE_FAILED,
        REASON_EPOCH_REFUSED,
        REASON_REPORT_INCOMPLETE,
        REASON_REPORT_MISMATCH,

        /* the hub's own means */
        REASON_CLOCK_NOT_SET,
        REASON_SETTINGS_INVALID,
        REASON_STORE_FULL,
        REASON_STORE_READ_ONLY,
        REASON_STORE_FAILED,
        REASON_BROKER_UNREACHABLE,
        REASON_BROKER_LOGIN_REFUSED,
        REASON_BROKER_REFUSED,
        REASON_NO_SUBSCRIBER,
        REASON_KEY_NOT_ACKNOWLEDGED,
        REASON_BROKER_ANONYMOUS,
        REASON_BROKER_INCOMPLETE,

        /* the request */
        REASON_BUSY,
        REASON_STOPPING,
        REASON_CANCELLED,
        REASON_COMMITTED,
        REASON_ALREADY_ENROLLED,
        REASON_NO_SUCH_DEVICE,
        REASON_KEYS_MISSING,
        REASON_NAME_TAKEN,
        REASON_MODEL_DIFFERS,
        REASON_NOT_RELEASED,
        REASON_CHANNEL_UNKNOWN,
        REASON_CHANNEL_ACCESS,
        REASON_COMMANDS_UNAVAILABLE,
        REASON_VALUE_REFUSED,
        REASON_COMMAND_FAILED,
        REASON_REQUEST_INVALID,
        REASON_REQUESTS_DISABLED,
        REASON_HUB_ONLINE,
        REASON_RESTART_UNAVAILABLE,
        REASON_INTERNAL,

        REASON_MAX,
};

/* The stable code, for instance "adapter_off"; "none" for REASON_NONE. Never NULL. */
const char *reason_code(enum reason reason);

/* One sentence, capitalised and with its full stop. Never NULL. */
const char *reason_text(enum reason reason);

#define REASON_TEXT_SIZE 512 /* a sentence with what exactly is wrong */

/*
 * The sentence with what exactly is wrong, unless @detail, a phrase, is "": "The request is not
 * valid: 'code' is missing."
 */
void reason_explain(enum reason reason, const char *detail, char ret_text[REASON_TEXT_SIZE]);

/* What the person can do about it, one sentence. Never NULL. */
const char *reason_remedy(enum reason reason);

/* The reason with this stable code, or REASON_INTERNAL for one we do not know. */
enum reason reason_from_code(const char *code);
