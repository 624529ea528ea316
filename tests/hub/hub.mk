# SPDX-License-Identifier: Apache-2.0
# The real programs together, without a radio.

hub_tests = \
	%D%/patience \
	%D%/device \
	%D%/power \
	%D%/cable \
	%D%/honest \
	%D%/refusals \
	%D%/reading \
	%D%/window \
	%D%/catalogue \
	%D%/fetch \
	%D%/tap \
	%D%/broker \
	%D%/login \
	%D%/clean \
	%D%/store \
	%D%/requests \
	%D%/life \
	%D%/keys \
	%D%/manager \
	%D%/reload \
	%D%/replace \
	%D%/delivery \
	%D%/return \
	%D%/person \
	%D%/many \
	%D%/secrets \
	%D%/hass
TESTS += $(hub_tests)
EXTRA_DIST += %D%/home.py %D%/pn532.py %D%/forge.py %D%/reference.py %D%/hass_schema.py %D%/hass-schema.json $(hub_tests)
