/* SPDX-License-Identifier: Apache-2.0 */

#include "reason/reason.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct {
        const char *code, *text, *remedy;
} reasons[REASON_MAX] = {
        [REASON_NONE] = { "none", "No error.", "Nothing to do." },

        [REASON_CODE_NOT_ENROLLMENT] = { "code_not_enrollment", "This is not an enrollment code.",
                "Use the code that begins with ENR1: or enr1., or that the maker marked for enrollment." },
        [REASON_FOREIGN_WIFI] = { "foreign_wifi", "This is the code of a Wi-Fi network, not an enrollment code.",
                "Scan it with a phone to join the network, and show the hub the device's enrollment code." },
        [REASON_FOREIGN_MATTER] = { "foreign_matter", "This is a Matter setup code, not an enrollment code.",
                "Add the device with an app for Matter, or show its enrollment code if it has one." },
        [REASON_FOREIGN_HOMEKIT] = { "foreign_homekit", "This is a HomeKit setup code, not an enrollment code.",
                "Add the device with Apple's Home app, or show its enrollment code if it has one." },
        [REASON_FOREIGN_DPP] = { "foreign_dpp", "This is a Wi-Fi Easy Connect (DPP) code, not an enrollment code.",
                "Scan it with a phone that is in the device's future Wi-Fi network, or show its enrollment code if it has one." },
        [REASON_FOREIGN_ZWAVE] = { "foreign_zwave", "This is a Z-Wave SmartStart code, not an enrollment code.",
                "Add the device with a Z-Wave controller, or show its enrollment code if it has one." },
        [REASON_FOREIGN_ZIGBEE] = { "foreign_zigbee", "This is a Zigbee install code, not an enrollment code.",
                "Give it to a Zigbee coordinator, or show the device's enrollment code if it has one." },
        [REASON_FOREIGN_ESP] = { "foreign_esp", "This is a provisioning code for Espressif's apps, not an enrollment code.",
                "Set the device up with the app of its maker, or show its enrollment code if it has one." },
        [REASON_FOREIGN_EAP_NOOB] = { "foreign_eap_noob", "This is an EAP-NOOB code, not an enrollment code.",
                "Open it with a phone to register the device with its network, or show its enrollment code if it has one." },
        [REASON_FOREIGN_WEB] = { "foreign_web", "This is a web address, not an enrollment code.",
                "Open it with a phone, and look for the code that begins with ENR1: or enr1., or that the maker marked for enrollment." },
        [REASON_FOREIGN_CONTACT] = { "foreign_contact", "This is a contact, not an enrollment code.",
                "Scan it with a phone to keep the contact, and show the hub the device's enrollment code." },
        [REASON_FOREIGN_CALL] = { "foreign_call", "This is a telephone number or mail address, not an enrollment code.",
                "Scan it with a phone to call or write, and show the hub the device's enrollment code." },
        [REASON_CODE_TRUNCATED] = { "code_truncated", "The code is incomplete.",
                "Read the whole code again, or copy all of its text." },
        [REASON_CODE_ALTERED] = { "code_altered", "The code's signature does not match its content.",
                "Read or copy the original code again; if that does not help, ask the maker for a new one." },
        [REASON_CODE_MISCOPIED] = { "code_miscopied", "The code's text was changed while it was copied.",
                "Copy all of it again, and give it as a file, with enrollctl enroll - or between single quotes." },
        [REASON_CODE_UNSIGNED] = { "code_unsigned", "The code is not signed.",
                "Ask the maker for a signed code." },
        [REASON_CODE_ISSUER_UNKNOWN] = { "code_issuer_unknown", "The code is signed by an issuer this hub does not trust.",
                "If you trust the maker, put its issuer file into /etc/enrolld/issuers.d and try again." },
        [REASON_CODE_MALFORMED] = { "code_malformed", "The code is signed, but its content is not a valid enrollment application.",
                "Ask the maker for a new code." },
        [REASON_CODE_FORMAT_NEWER] = { "code_format_newer", "The code is in a newer format than this hub understands.",
                "Update enrolld and try again." },
        [REASON_CODE_DAEMON_TOO_OLD] = { "code_daemon_too_old", "The code needs a newer version of enrolld.",
                "Update enrolld and try again." },
        [REASON_CODE_SUPERSEDED] = { "code_superseded", "The issuer has replaced this code with a newer one.",
                "Use the newer code." },
        [REASON_CODE_NOT_PERMITTED] = { "code_not_permitted", "The code asks for more than its issuer or this hub allows.",
                "Allow it in the issuer's file or in enrolld.conf, or ask the maker for a code that asks for less." },
        [REASON_RECIPIENT_MISSING] = { "recipient_missing", "The code hands on a secret key of the device, and this hub has no recipient for it.",
                "Set recipient in the [keys] section of enrolld.conf to the recipient's public key, then run systemctl reload enrolld." },
        [REASON_PARAMETER_MISSING] = { "parameter_missing", "The device needs a value that this hub does not have.",
                "Give each with enrollctl --set NAME=VALUE. In the [site] section of enrolld.conf, the address makes location and room, "
                "and person, role, unit and organization make owner." },
        [REASON_PARAMETER_UNKNOWN] = { "parameter_unknown", "There is no value with this name.",
                "Use a name that enrollctl --help lists, or for a maker's own value its number, from 64 to 127." },
        [REASON_PARAMETER_INVALID] = { "parameter_invalid", "A value is not of the kind that the device needs.",
                "Give it in the form that the message names." },
        [REASON_PARAMETER_UNWANTED] = { "parameter_unwanted", "The device does not ask for a value that was given.",
                "Leave this value out." },
        [REASON_VALUES_TOO_LONG] = { "values_too_long", "The values for the device do not fit into one message.",
                "Give shorter ones with enrollctl --name and --set NAME=VALUE, or in the [site] section of enrolld.conf; "
                "if that is not enough, ask the maker for a code with a shorter configuration." },

        [REASON_REFERENCE_MISTYPED] = { "reference_mistyped", "The last character of the number does not match the others.",
                "Compare it with the print, character by character, and type or scan it again." },
        [REASON_REFERENCE_UNKNOWN] = { "reference_unknown", "This hub knows no code for the number.",
                "Import the maker's catalogue file with enrollctl catalogue import FILE, or use the code itself." },
        [REASON_REFERENCE_DIFFERS] = { "reference_differs", "The code that the number leads to is another device's.",
                "Ask the maker for a corrected catalogue, or use the code itself." },
        [REASON_REFERENCE_TAKEN] = { "reference_taken", "The number names another device in this hub's catalogue.",
                "Remove that one with enrollctl catalogue remove if it is wrong, and try again." },
        [REASON_CATALOGUE_MALFORMED] = { "catalogue_malformed", "The line is not one of a catalogue.",
                "Ask the maker for a corrected catalogue; doc/catalogue.md says what a line holds." },
        [REASON_CATALOGUE_FULL] = { "catalogue_full", "There is no more room in this hub's catalogue.",
                "Remove entries that are not needed with enrollctl catalogue remove." },
        [REASON_NO_SUCH_ENTRY] = { "no_such_entry", "There is no such code in this hub's catalogue.",
                "See enrollctl catalogue list for what is in it." },

        [REASON_FETCH_UNCONFIGURED] = { "fetch_unconfigured", "This hub has no web service to ask for codes.",
                "Set service in the [catalogue] section of enrolld.conf, then run systemctl reload enrolld, or import a catalogue file." },
        [REASON_FETCH_UNAVAILABLE] = { "fetch_unavailable", "The process that asks the web service does not answer.",
                "Check enroll-fetch.socket with systemctl status." },
        [REASON_FETCH_UNREACHABLE] = { "fetch_unreachable", "The web service cannot be reached.",
                "Check the network and service in the [catalogue] section of enrolld.conf, and try again." },
        [REASON_FETCH_UNTRUSTED] = { "fetch_untrusted", "The web service does not prove that it is the one of the settings.",
                "Set ca in the [catalogue] section of enrolld.conf to the certificate of the authority that signs for it, and check the clock." },
        [REASON_FETCH_REFUSED] = { "fetch_refused", "The web service refuses the request.",
                "Check service in the [catalogue] section of enrolld.conf, or ask the one who runs the service; the journal has its answer." },
        [REASON_FETCH_REDIRECTED] = { "fetch_redirected", "The web service sends the hub to another server.",
                "If you trust the other one, set service in the [catalogue] section of enrolld.conf to it." },
        [REASON_FETCH_TOO_LONG] = { "fetch_too_long", "The web service sends more than codes can have.",
                "Ask the one who runs the service; doc/fetch.md says what it may send." },
        [REASON_FETCH_MALFORMED] = { "fetch_malformed", "The web service sends something else than codes.",
                "Check service in the [catalogue] section of enrolld.conf, or ask the one who runs the service; doc/fetch.md says what it may send." },
        [REASON_FETCH_UNASKED] = { "fetch_unasked", "The web service sends a code that was not asked for, or one twice.",
                "Ask the one who runs the service." },
        [REASON_FETCH_INCOMPLETE] = { "fetch_incomplete", "The web service has ended its answer without this code.",
                "Fetch again; only what is missing is asked for." },

        [REASON_READER_UNAVAILABLE] = { "reader_unavailable", "The code reader service does not answer.",
                "Check enroll-read.socket with systemctl status." },
        [REASON_CAMERA_MISSING] = { "camera_missing", "There is no camera.",
                "Plug in a camera, or name its device in the [camera] section of enrolld.conf." },
        [REASON_CAMERA_BUSY] = { "camera_busy", "Another program is using the camera.",
                "Close the other program and try again." },
        [REASON_CAMERA_DENIED] = { "camera_denied", "The code reader is not allowed to use the camera.",
                "Make sure that its device belongs to group video and that the group may read and write it; "
                "ls -l /dev/video* shows it." },
        [REASON_CAMERA_FAILED] = { "camera_failed", "The camera does not deliver usable pictures.",
                "Unplug it and plug it in again, or use another camera; it must offer GREY, NV12, YUYV or MJPEG. "
                "A camera at a board's ribbon cable needs libcamera, as README.md says." },
        [REASON_CAMERA_DARK] = { "camera_dark", "The picture is too dark to read a code.",
                "Switch on a light or uncover the lens." },
        [REASON_IMAGE_UNREADABLE] = { "image_unreadable", "The file is neither a code nor a picture that can be read.",
                "Give the code's text, or a picture of it as PNG or JPEG." },
        [REASON_IMAGE_TRUNCATED] = { "image_truncated", "The picture's file is cut short or damaged, and there is no code in what is left of it.",
                "Send, copy or download the picture again." },
        [REASON_IMAGE_TOO_LARGE] = { "image_too_large", "The picture is too large to be decoded.",
                "Cut it down to the code, or save it smaller." },
        [REASON_IMAGE_HEIF] = { "image_heif", "The picture is a HEIC or AVIF file, which the hub does not read.",
                "Save it as PNG or JPEG, or take a screenshot of it." },
        [REASON_IMAGE_PDF] = { "image_pdf", "The file is a PDF document, which the hub does not read.",
                "Save the page with the code as PNG or JPEG, or take a screenshot of it." },
        [REASON_IMAGE_SVG] = { "image_svg", "The file is an SVG drawing, which the hub does not read.",
                "Save it as PNG, or take a screenshot of it." },
        [REASON_IMAGE_FORMAT_UNKNOWN] = { "image_format_unknown", "The picture is in a format that the hub does not read.",
                "Save it as PNG or JPEG." },
        [REASON_SEVERAL_CODES] = { "several_codes", "There are several enrollment codes in the picture.",
                "Show one at a time: cover the others, or cut the picture down to the one that you mean." },
        [REASON_IMAGE_NO_CODE] = { "image_no_code", "There is no code in the picture.",
                "Hold the code so that it fills about half of the picture." },
        [REASON_IMAGE_UNDECODABLE] = { "image_undecodable", "A code was seen, but it could not be read.",
                "Hold the code still, flat and in focus in front of the camera." },
        [REASON_BUTTON_UNAVAILABLE] = { "button_unavailable", "The hub's button is not there, or cannot be read.",
                "Check the [button] section of enrolld.conf, and that the device has the key that it names and belongs to the group "
                "enrolld, as enrolld.conf(5) describes." },
        [REASON_LIGHT_UNAVAILABLE] = { "light_unavailable", "The hub's light is not there, or cannot be switched.",
                "Check the [led] section of enrolld.conf, and that the files of the LED belong to the group enrolld, as "
                "enrolld.conf(5) describes." },
        [REASON_NFC_UNAVAILABLE] = { "nfc_unavailable", "The NFC reader service does not answer.",
                "Check enroll-tag.socket with systemctl status." },
        [REASON_NFC_MISSING] = { "nfc_missing", "There is no NFC reader.",
                "Plug in an NFC reader, or name one in the [nfc] section of enrolld.conf." },
        [REASON_TAG_EMPTY] = { "tag_empty", "The NFC tag is empty.",
                "Use the tag that came with the device, or write its code to this one with enroll-code write-tag." },
        [REASON_TAG_FOREIGN] = { "tag_foreign", "The NFC tag does not hold an enrollment code.",
                "Use the tag that came with the device; it may be inside the device, near its label." },
        [REASON_TAG_REMOVED] = { "tag_removed", "The NFC tag was taken away before it had been read.",
                "Hold it to the reader until the enrollment starts." },
        [REASON_TAG_UNREADABLE] = { "tag_unreadable", "The NFC tag cannot be read.",
                "Take it away and hold it flat to the middle of the reader; if that does not help, use the printed code." },
        [REASON_TAG_UNSUPPORTED] = { "tag_unsupported", "This is not a kind of NFC tag that holds a code.",
                "Use an NFC Forum tag of Type 2 or Type 4, NTAG216 for instance, and only one at a time." },
        [REASON_TAG_TOO_SMALL] = { "tag_too_small", "The NFC tag is too small for this code.",
                "Use a tag that enroll-code ndef names." },
        [REASON_TAG_LOCKED] = { "tag_locked", "The NFC tag is write-protected.",
                "Use another tag." },
        [REASON_TAG_NOT_WRITTEN] = { "tag_not_written", "The NFC tag does not hold what was written to it.",
                "Write it again; if that does not help, use another tag." },

        [REASON_BLUETOOTH_DOWN] = { "bluetooth_down", "The Bluetooth service is not running.",
                "Start it with systemctl start bluetooth." },
        [REASON_BLUETOOTH_DISABLED] = { "bluetooth_disabled", "Bluetooth is switched off in the hub's settings.",
                "Set enabled = yes in the [bluetooth] section of enrolld.conf, then run systemctl restart enrolld." },
        [REASON_ADAPTER_MISSING] = { "adapter_missing", "The Bluetooth adapter is missing.",
                "Plug in a Bluetooth LE adapter, or correct adapter in the [bluetooth] section of enrolld.conf." },
        [REASON_ADAPTER_OFF] = { "adapter_off", "The Bluetooth adapter is switched off.",
                "Switch it on with bluetoothctl power on." },
        [REASON_ADAPTER_BLOCKED] = { "adapter_blocked", "The Bluetooth adapter is blocked by rfkill.",
                "Unblock it with rfkill unblock bluetooth." },
        [REASON_ADAPTER_BUSY] = { "adapter_busy", "The Bluetooth adapter is busy with something else.",
                "Wait a moment and try again." },
        [REASON_ADAPTER_STUCK] = { "adapter_stuck", "The Bluetooth adapter is there, but it does not work any more.",
                "Unplug it and plug it in again, or restart Bluetooth with systemctl restart bluetooth; if that does not help, replace it." },
        [REASON_DEVICE_NOT_FOUND] = { "device_not_found", "The device was not found.",
                "Switch the device on, bring it closer, and disconnect it from phones and other hubs; put a new one into enrollment mode, if it has one." },
        [REASON_CONNECT_FAILED] = { "connect_failed", "The device was found, but the connection failed.",
                "Disconnect the device from phones and other hubs, bring it closer, and try again." },
        [REASON_SERVICE_MISSING] = { "service_missing", "The device does not offer the enrollment service.",
                "Restart the device; if that does not help, update its firmware." },
        [REASON_LINK_LOST] = { "link_lost", "The connection to the device was lost.",
                "Bring the device closer and show the code again." },
        [REASON_LINK_TIMEOUT] = { "link_timeout", "The device stopped answering.",
                "Restart the device and show the code again." },
        [REASON_PORT_UNAVAILABLE] = { "port_unavailable", "The cable link to the device cannot be opened.",
                "Check the [link] section of enrolld.conf and that the device is connected." },

        [REASON_WRONG_SECRET] = { "wrong_secret", "The device does not know this code.",
                "Make sure the code belongs to this device." },
        [REASON_DEVICE_OWNED] = { "device_owned", "The device already has an owner.",
                "Ask its owner to release it, or reset it to its factory state." },
        [REASON_DEVICE_BUSY] = { "device_busy", "The device is busy with another session.",
                "Wait until that has ended, or restart the device, and show the code again." },
        [REASON_PROTOCOL_VIOLATED] = { "protocol_violated", "The device violated the protocol.",
                "Restart the device; if that does not help, update its firmware." },
        [REASON_PROTOCOL_NEWER] = { "protocol_newer", "The device speaks a newer version of the protocol than this hub.",
                "Update enrolld and show the code again." },
        [REASON_STEP_FAILED] = { "step_failed", "A step of the enrollment failed on the device.",
                "Correct the cause of the failed step and show the code again." },
        [REASON_DEVICE_STORAGE_FAILED] = { "device_storage_failed", "The device cannot store what it is sent.",
                "Restart the device and show the code again; if that does not help, its memory is broken: ask the maker." },
        [REASON_EPOCH_REFUSED] = { "epoch_refused", "The device and this hub do not agree on how often the device was enrolled.",
                "The device's memory was replaced: ask the maker for a new key and a new code for it." },
        [REASON_REPORT_INCOMPLETE] = { "report_incomplete", "The device did not report everything its code promises.",
                "Update the device's firmware or ask the maker for a new code." },
        [REASON_REPORT_MISMATCH] = { "report_mismatch", "The device reports another serial number or key than its code.",
                "Make sure the code belongs to this device; if it does, one of the two is not genuine: do not use the device, "
                "and ask the maker." },

        [REASON_CLOCK_NOT_SET] = { "clock_not_set", "The hub's clock is not set, so the times that it shows are wrong.",
                "Connect the hub to a time server, or set its clock with timedatectl; times of enrollment are corrected then." },
        [REASON_SETTINGS_INVALID] = { "settings_invalid", "The settings are not valid, so the hub goes on with the former ones.",
                "Correct what enrolld --check-config reports, then run systemctl reload enrolld." },
        [REASON_STORE_FULL] = { "store_full", "The hub's disk is full.",
                "Free some space and try again." },
        [REASON_STORE_READ_ONLY] = { "store_read_only", "The hub's store cannot be written.",
                "Check that /var/lib/enrolld is writable and its file system is not mounted read-only." },
        [REASON_STORE_FAILED] = { "store_failed", "The hub's store failed.",
                "Look at the journal, and check the disk." },
        [REASON_BROKER_UNREACHABLE] = { "broker_unreachable", "The MQTT broker cannot be reached.",
                "Check the [mqtt] section of enrolld.conf and that the broker is running; keys and events are kept and sent later, readings are not." },
        [REASON_BROKER_LOGIN_REFUSED] = { "broker_login_refused", "The MQTT broker does not let the hub log in.",
                "Check user and password_file, or cert_file and key_file, in the [mqtt] section of enrolld.conf, and the broker's list of "
                "users; keys and events are kept and sent later, readings are not." },
        [REASON_BROKER_REFUSED] = { "broker_refused", "The MQTT broker refused a message.",
                "Allow enrolld to write its topics in the broker's access list." },
        [REASON_NO_SUBSCRIBER] = { "no_subscriber", "No client is subscribed to the key topic.",
                "Start the service that subscribes to the key topic; the keys are kept and sent later." },
        [REASON_KEY_NOT_ACKNOWLEDGED] = { "key_not_acknowledged", "A key was delivered, and its recipient does not acknowledge it.",
                "Check that the recipient runs, has the private key of [keys] recipient and may publish receipts; the key is sent again." },
        [REASON_BROKER_INCOMPLETE] = { "broker_incomplete",
                "The MQTT broker does not hand out everything it keeps, so a program that connects later misses devices.",
                "Set max_queued_messages 0 in mosquitto.conf, or raise this limit of another broker, and restart it." },
        [REASON_BROKER_ANONYMOUS] = { "broker_anonymous",
                "The hub does not log in to the MQTT broker, so other programs may read its devices and their keys there.",
                "Set user and password_file, or a certificate, in the [mqtt] section of enrolld.conf; "
                "if nobody else can reach the broker, set requests = yes there." },

        [REASON_BUSY] = { "busy", "The hub is busy.",
                "Wait until an enrollment has ended, or cancel one." },
        [REASON_STOPPING] = { "stopping", "The hub is being stopped.",
                "Show the code again when enrolld is running again." },
        [REASON_CANCELLED] = { "cancelled", "The enrollment was cancelled.",
                "Show the code again to enroll the device now." },
        [REASON_COMMITTED] = { "committed",
                "The hub has committed and finishes the enrollment by itself; it cannot be cancelled.",
                "Watch it with enrollctl monitor; the device is listed when it has confirmed." },
        [REASON_ALREADY_ENROLLED] = { "already_enrolled", "This hub already owns the device.",
                "Nothing to do." },
        [REASON_NO_SUCH_DEVICE] = { "no_such_device", "There is no device with this name.",
                "See enrollctl list for the names." },
        [REASON_KEYS_MISSING] = { "keys_missing", "The hub has forwarded no keys of this device.",
                "Enroll the device again, with a code that forwards its keys." },
        [REASON_NAME_TAKEN] = { "name_taken", "Another device has this name.",
                "Choose another name; see enrollctl list for those that are used." },
        [REASON_MODEL_DIFFERS] = { "model_differs", "The code is not for the model of the device that is to be replaced.",
                "Use a code for the same model; or allow another one with enrollctl replace --other-model, or \"other_model\": true over MQTT, "
                "if other programs may see the device change." },
        [REASON_NOT_RELEASED] = { "not_released", "The device was not released and still belongs to this hub.",
                "To remove it all the same, use enrollctl remove --force, or \"force\": true over MQTT; "
                "the hub then releases it when it is next seen." },
        [REASON_CHANNEL_UNKNOWN] = { "channel_unknown", "The device has no channel with this name.",
                "See enrollctl info DEVICE for its channels." },
        [REASON_CHANNEL_ACCESS] = { "channel_access", "The channel cannot be used in this way.",
                "See enrollctl info DEVICE for the access to each channel." },
        [REASON_COMMANDS_UNAVAILABLE] = { "commands_unavailable", "The device cannot take commands now.",
                "Try again when the device can be reached; enrollctl info DEVICE shows whether it can." },
        [REASON_VALUE_REFUSED] = { "value_refused", "The device does not accept the value.",
                "See enrollctl info DEVICE for the values of each channel." },
        [REASON_COMMAND_FAILED] = { "command_failed", "The device could not carry out the command.",
                "Look at the device; what it said, if anything, names the cause." },
        [REASON_REQUEST_INVALID] = { "request_invalid", "The request is not valid.",
                "Correct what is named here; doc/dbus-api.md, doc/mqtt.md and enrollctl(1) list what each request takes." },
        [REASON_REQUESTS_DISABLED] = { "requests_disabled", "This hub takes no requests over MQTT.",
                "Let the hub log in to the broker (user and password_file, or a certificate, in the [mqtt] section of "
                "enrolld.conf), set requests = yes there, or use enrollctl." },
        [REASON_HUB_ONLINE] = { "hub_online", "A hub with this name is running.",
                "Use enrollctl clean-mqtt on that hub, or stop it first." },
        [REASON_RESTART_UNAVAILABLE] = { "restart_unavailable", "Nothing would start the hub again.",
                "Restart enrolld in the way it was started, or start it as the service enrolld." },
        [REASON_INTERNAL] = { "internal", "An internal error occurred in enrolld.",
                "Look at the journal and report the problem." },
};
/* clang-format on */

const char *reason_code(enum reason reason)
{
        return reasons[reason < REASON_MAX ? reason : REASON_INTERNAL].code;
}

const char *reason_text(enum reason reason)
{
        return reasons[reason < REASON_MAX ? reason : REASON_INTERNAL].text;
}

void reason_explain(enum reason reason, const char *detail, char ret_text[REASON_TEXT_SIZE])
{
        const char *sentence = reason_text(reason);

        if (detail[0])
                (void)snprintf(ret_text, REASON_TEXT_SIZE, "%.*s: %s.", (int)strlen(sentence) - 1,
                               sentence, detail);
        else
                (void)snprintf(ret_text, REASON_TEXT_SIZE, "%s", sentence);
}

const char *reason_remedy(enum reason reason)
{
        return reasons[reason < REASON_MAX ? reason : REASON_INTERNAL].remedy;
}

enum reason reason_from_code(const char *code)
{
        for (int i = 0; i < REASON_MAX; i++)
                if (strcmp(reasons[i].code, code) == 0)
                        return (enum reason)i;
        return REASON_INTERNAL;
}
