# SPDX-License-Identifier: Apache-2.0
"""What Home Assistant accepts as MQTT discovery, and what it then does with it.

check_message() says what is wrong with a message; the facts are in hass-schema.json, with their source. House is a small
Home Assistant: it takes discovery messages and what is published, shows the states of its entities, and sends what a
person at its controls would send. It renders the templates as Home Assistant does, with Jinja.
"""

import json
import pathlib
import re

import jinja2.sandbox

SCHEMA = json.loads((pathlib.Path(__file__).parent / "hass-schema.json").read_text(encoding="utf-8"))

TOPIC = re.compile(r"(?P<component>\w+)/(?:(?P<node>[a-zA-Z0-9_-]+)/)?(?P<object>[a-zA-Z0-9_-]+)/config")
ENTITY_ID = re.compile(r"[a-z_]+\.[a-z0-9_]+")


class Wrong(Exception):
    """Home Assistant would not accept this."""


def need(condition, what):
    if not condition:
        raise Wrong(what)


# --- messages ---


def expand(given, abbreviations, what):
    """With full names; a key must not be there under both."""
    need(isinstance(given, dict), f"{what} is not an object")
    full = {}
    for key, value in given.items():
        name = abbreviations.get(key, key)
        need(name not in full, f"{what} has {name} twice")
        full[name] = value
    return full


def need_keys(given, allowed, required, what):
    for key in given:
        need(key in allowed, f"{what} has the unknown key {key}")
    for key in required:
        need(key in given, f"{what} has no {key}")


def need_texts(given, what, besides=()):
    for key, value in given.items():
        need(key in besides or isinstance(value, str), f"{what}: {key} is not a text")


def is_topic(text, wildcards):
    return isinstance(text, str) and text and len(text.encode()) < 65536 and "\0" not in text and (wildcards or not re.search(r"[+#]", text))


def check_device(given):
    device = expand(given, SCHEMA["device_abbreviations"], "the device")
    need_keys(device, SCHEMA["device"], [], "the device")
    need_texts(device, "the device", ("identifiers", "connections"))
    need(device.get("identifiers") or device.get("connections"), "the device has neither identifiers nor connections")
    return device


def check_origin(given):
    origin = expand(given, SCHEMA["origin_abbreviations"], "the origin")
    need_keys(origin, SCHEMA["origin"], ["name"], "the origin")
    need_texts(origin, "the origin")


def check_availability(shared):
    need("availability" not in shared or "availability_topic" not in shared, "availability in two ways")
    need(shared.get("availability_mode", "latest") in SCHEMA["availability_modes"], "the mode of the availability")
    for one in shared.get("availability", []):
        one = expand(one, SCHEMA["abbreviations"], "an availability")
        need_keys(one, SCHEMA["availability"], ["topic"], "an availability")
        need_texts(one, "an availability")
        need(is_topic(one["topic"], True), f"the topic {one['topic']}")
        check_template(one.get("value_template", ""))


def check_message(topic, text, prefix="homeassistant"):
    """The entities that it announces, {(node, id): (platform, component)}; raises Wrong."""
    need(topic.startswith(prefix + "/"), f"{topic} is not below {prefix}")
    match = TOPIC.fullmatch(topic[len(prefix) + 1 :])
    need(match, f"{topic} is not a topic of discovery")
    message = expand(json.loads(text), SCHEMA["abbreviations"], "the message")
    if match["component"] == "device":
        return check_whole_device(match, message)
    need(match["component"] in SCHEMA["platforms"], f"there is no component {match['component']}")
    check_component(match["component"], message, {})
    check_device(message["device"])
    check_origin(message["origin"])
    return {(match["node"], match["object"]): (match["component"], message)}


def check_whole_device(match, message):
    need_keys(message, SCHEMA["shared"], ["device", "origin", "components"], "the message")
    check_device(message["device"])
    check_origin(message["origin"])
    check_availability(message)
    entities = {}
    # What every version passes on to the entities: newer ones do that with "qos" and "encoding" too.
    shared = {key: message[key] for key in SCHEMA["inherited"] if key in message}
    for name, given in message["components"].items():
        component = expand(given, SCHEMA["abbreviations"], name)
        platform = component.pop("platform", None)
        need(platform in SCHEMA["platforms"], f"{name} has the platform {platform}")
        if component:
            check_component(platform, component, shared)
        entities[match["object"], name] = (platform, {**shared, **component} if component else {})
    return entities


# --- components ---


def check_template(text):
    try:
        ENVIRONMENT.parse(text)
    except jinja2.TemplateError as error:
        raise Wrong(f"the template {text}: {error}") from None


def check_component(platform, component, shared):
    facts = SCHEMA["platforms"][platform]
    whole = {**shared, **component}
    need_keys(component, [*facts["keys"], *SCHEMA["entity"]], [], platform)
    need_keys(whole, [*facts["keys"], *SCHEMA["entity"]], facts["required"], platform)
    need(isinstance(component.get("unique_id"), str), f"a {platform} has no unique_id")
    need(ENTITY_ID.fullmatch(component.get("default_entity_id", f"{platform}.x")), f"the entity id {component.get('default_entity_id')}")
    need(component.get("default_entity_id", platform + ".").startswith(platform + "."), "the entity id is that of another platform")
    need(component.get("name", "") is None or isinstance(component.get("name", ""), str), "the name is not a text")
    category = component.get("entity_category", "diagnostic")
    need(category in SCHEMA["entity_categories"], f"the category {category}")
    need(category not in facts.get("forbidden_categories", []), f"a {platform} in the category {category}")
    check_availability(component)
    for key, value in component.items():
        if key.endswith("_topic"):
            need(is_topic(value, "command" not in key and not key.startswith("set_")), f"{key} is {value}")
        if key.endswith("_template"):
            check_template(value)
        if key.startswith(("payload_", "state_o", "state_c", "state_l", "state_u", "state_j")) and key != "state_class":
            need(isinstance(value, str) or (value is None and key.startswith("payload_") and platform == "cover"), f"{key} is not a text")
    check_class(platform, facts, component)
    OWN_CHECKS.get(platform, lambda component: None)(component)


def check_class(platform, facts, component):
    device_class = component.get("device_class")
    unit = component.get("unit_of_measurement")
    unit = SCHEMA["ambiguous_units"].get(unit, unit)
    if device_class is None:
        return
    if platform in ("sensor", "number") and device_class in SCHEMA["numbers"]:
        need(unit in SCHEMA["numbers"][device_class]["units"], f"the unit {unit} of the class {device_class}")
    else:
        need(device_class in facts.get("device_classes", []), f"a {platform} of the class {device_class}")


def check_sensor(sensor):
    state_class, device_class = sensor.get("state_class"), sensor.get("device_class")
    allowed = SCHEMA["numbers"].get(device_class, {}).get("state_classes", ["measurement", "total", "total_increasing"])
    if device_class in SCHEMA["platforms"]["sensor"]["device_classes"]:
        allowed = []
        need("unit_of_measurement" not in sensor, f"the class {device_class} with a unit")
    need(state_class is None or state_class in allowed, f"the state class {state_class} of the class {device_class}")
    if "options" in sensor:
        need(sensor["options"] and device_class == "enum", "options of a sensor that is not of the class enum")
        need("state_class" not in sensor and "unit_of_measurement" not in sensor, "options with a state class or a unit")


def check_number(number):
    need(number.get("min", 0) <= number.get("max", 100), "min is above max")
    need(number.get("step", 1) >= SCHEMA["number_step_least"], f"the step {number.get('step')}")
    need(number.get("mode", "auto") in SCHEMA["number_modes"], f"the mode {number.get('mode')}")


def check_text(text):
    most = SCHEMA["text_length_most"]
    need(0 <= text.get("min", 0) < text.get("max", most) <= most, "the length of a text")


def check_select(select):
    need(select["options"] and all(isinstance(option, str) for option in select["options"]), "the options of a select")


def check_event(event):
    need(event["event_types"] and all(isinstance(kind, str) for kind in event["event_types"]), "the types of an event")


def check_light(light):
    need(light.get("schema", "basic") == "basic", "the schema of a light")
    for key in ("brightness_scale", "min_kelvin", "max_kelvin", "min_mireds", "max_mireds"):
        need(isinstance(light.get(key, 1), int) and light.get(key, 1) >= 1, f"{key} of a light")


def check_cover(cover):
    for key, topic in (
        ("value_template", "state_topic"),
        ("set_position_topic", "position_topic"),
        ("position_template", "position_topic"),
        ("set_position_template", "set_position_topic"),
    ):
        need(key not in cover or topic in cover, f"a cover with {key} and without {topic}")
    need(all(isinstance(cover.get(key, 0), int) for key in ("position_open", "position_closed")), "an end of a position is not an integer")


def check_climate(climate):
    need(climate.get("temperature_unit", "C") in SCHEMA["temperature_units"], "the unit of a climate control")
    need(all(mode in SCHEMA["climate_modes"] for mode in climate.get("modes", [])), f"the modes {climate.get('modes')}")
    need(climate.get("min_temp", 7) < climate.get("max_temp", 35), "the limits of a climate control")


OWN_CHECKS = {
    "sensor": check_sensor,
    "number": check_number,
    "text": check_text,
    "select": check_select,
    "event": check_event,
    "light": check_light,
    "cover": check_cover,
    "climate": check_climate,
}


# --- a house ---

ENVIRONMENT = jinja2.sandbox.ImmutableSandboxedEnvironment()
ENVIRONMENT.filters["to_json"] = json.dumps


def render(template, value, **variables):
    """As Home Assistant renders a template of a message, which is a text, or of the value of a command."""
    if isinstance(value, str):
        try:
            variables["value_json"] = json.loads(value)
        except ValueError:
            pass
    return ENVIRONMENT.from_string(template).render(value=value, **variables).strip()


class House:
    """The entities that were announced, by (node, id)."""

    def __init__(self, prefix="homeassistant"):
        self.prefix = prefix
        self.entities = {}
        self.topics = {}  # of discovery: the entities each has announced

    def discover(self, topic, text):
        announced = check_message(topic, text, self.prefix) if text else {}
        for key in self.topics.get(topic, {}):
            if not text:
                self.entities.pop(key, None)
        for key, (platform, component) in announced.items():
            if not component:
                self.entities.pop(key, None)
                continue
            before = self.entities.get(key)
            need(before is None or before[0] == platform, f"{key} was not withdrawn before it became a {platform}")
            for other, (_, known) in self.entities.items():
                need(other == key or known["unique_id"] != component["unique_id"], f"{component['unique_id']} is there twice")
            self.entities[key] = (platform, component)
        self.topics[topic] = announced

    def component(self, node, name):
        return self.entities[node, name][1]

    def value(self, node, name, text, key="value_template"):
        """What a template of this entity makes of a message."""
        return render(self.component(node, name)[key], text)

    def command(self, node, name, value, what=""):
        """Topic and payload of a command; @what is the beginning of the keys, "brightness_"."""
        component = self.component(node, name)
        template = component.get(f"{what}command_template")
        payload = render(template, value) if template else str(value)
        return component[f"{what}command_topic"], payload
