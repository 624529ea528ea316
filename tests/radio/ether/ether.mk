# SPDX-License-Identifier: Apache-2.0
#
# ether, included by the one Makefile. Its folders are layers: the air, the controllers in it, the room they are plugged in,
# the orders somebody gives.

ETHER_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/%D%

# --- ether: the air, a module by itself ---

noinst_LIBRARIES += libair.a
libair_a_SOURCES = \
	%D%/air/chance.c %D%/air/chance.h \
	%D%/air/forgery.c %D%/air/forgery.h \
	%D%/air/space.c %D%/air/space.h \
	%D%/air/packet.c %D%/air/packet.h \
	%D%/air/outbox.c %D%/air/outbox.h \
	%D%/air/link.c %D%/air/link.h %D%/air/link-internal.h \
	%D%/air/exchange.c \
	%D%/air/links.c %D%/air/links.h \
	%D%/air/scanner.c \
	%D%/air/advertiser.c \
	%D%/air/flood.c \
	%D%/air/radio.c \
	%D%/air/air.c %D%/air/air.h %D%/air/air-internal.h
libair_a_CPPFLAGS = $(ETHER_CPPFLAGS)

AIR_STATION = %D%/air/station.c %D%/air/station.h

AIR_LIBS = libair.a $(CMOCKA_LIBS)

test_programs += %D%/air/test-chance
%C%_air_test_chance_SOURCES = %D%/air/test-chance.c
%C%_air_test_chance_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_chance_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-space
%C%_air_test_space_SOURCES = %D%/air/test-space.c
%C%_air_test_space_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_space_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-outbox
%C%_air_test_outbox_SOURCES = %D%/air/test-outbox.c
%C%_air_test_outbox_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_outbox_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-forgery
%C%_air_test_forgery_SOURCES = %D%/air/test-forgery.c
%C%_air_test_forgery_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_forgery_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-exchange
%C%_air_test_exchange_SOURCES = %D%/air/test-exchange.c $(AIR_STATION)
%C%_air_test_exchange_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_exchange_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-link
%C%_air_test_link_SOURCES = %D%/air/test-link.c $(AIR_STATION)
%C%_air_test_link_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_link_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-links
%C%_air_test_links_SOURCES = %D%/air/test-links.c $(AIR_STATION)
%C%_air_test_links_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_links_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-advertiser
%C%_air_test_advertiser_SOURCES = %D%/air/test-advertiser.c $(AIR_STATION)
%C%_air_test_advertiser_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_advertiser_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-chaos
%C%_air_test_chaos_SOURCES = %D%/air/test-chaos.c $(AIR_STATION)
%C%_air_test_chaos_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_chaos_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-air
%C%_air_test_air_SOURCES = %D%/air/test-air.c $(AIR_STATION)
%C%_air_test_air_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_air_LDADD = $(AIR_LIBS)

test_programs += %D%/air/test-radio
%C%_air_test_radio_SOURCES = %D%/air/test-radio.c $(AIR_STATION)
%C%_air_test_radio_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_air_test_radio_LDADD = $(AIR_LIBS)

# --- ether: a controller ---

noinst_LIBRARIES += libcontroller.a
libcontroller_a_SOURCES = \
	%D%/hci/packet-queue.c %D%/hci/packet-queue.h \
	%D%/hci/hci.h %D%/hci/state.h %D%/hci/command.h %D%/hci/connection.h \
	%D%/hci/info.c \
	%D%/hci/advertising.c \
	%D%/hci/scanning.c \
	%D%/hci/connecting.c \
	%D%/hci/procedure.c \
	%D%/hci/connection.c \
	%D%/hci/command.c \
	%D%/hci/controller.c %D%/hci/controller.h
libcontroller_a_CPPFLAGS = $(ETHER_CPPFLAGS)
# The programs go into a machine that has no BearSSL.
CONTROLLER_LIBS = libcontroller.a libair.a -l:libbearssl.a

HCI_HOST = %D%/hci/host.c %D%/hci/host.h

test_programs += %D%/hci/test-controller
%C%_hci_test_controller_SOURCES = %D%/hci/test-controller.c $(HCI_HOST)
%C%_hci_test_controller_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_hci_test_controller_LDADD = $(CONTROLLER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/hci/test-advertising
%C%_hci_test_advertising_SOURCES = %D%/hci/test-advertising.c $(HCI_HOST)
%C%_hci_test_advertising_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_hci_test_advertising_LDADD = $(CONTROLLER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/hci/test-connection
%C%_hci_test_connection_SOURCES = %D%/hci/test-connection.c $(HCI_HOST)
%C%_hci_test_connection_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_hci_test_connection_LDADD = $(CONTROLLER_LIBS) $(CMOCKA_LIBS)

# --- ether: what is around its controllers ---

noinst_LIBRARIES += libether.a
libether_a_SOURCES = \
	%D%/room/snoop.c %D%/room/snoop.h \
	%D%/room/vhci.c %D%/room/vhci.h \
	%D%/room/pace.c %D%/room/pace.h \
	%D%/room/agenda.c %D%/room/agenda.h \
	%D%/order/server.c %D%/order/server.h \
	%D%/room/plug.c %D%/room/plug.h \
	%D%/room/room.c %D%/room/room.h \
	%D%/order/counters.c %D%/order/counters.h \
	%D%/order/value.c %D%/order/value.h \
	%D%/order/call.c %D%/order/call.h \
	%D%/order/order-plug.c \
	%D%/order/order-way.c \
	%D%/order/order-run.h \
	%D%/order/order.c %D%/order/order.h
libether_a_CPPFLAGS = $(ETHER_CPPFLAGS)
ETHER_LIBS = libether.a $(CONTROLLER_LIBS) libutil.a libwire.a $(SYSTEMD_LIBS) $(JANSSON_LIBS) -lm

noinst_PROGRAMS += %D%/ether
%C%_ether_SOURCES = %D%/ether.c
%C%_ether_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_ether_LDADD = $(ETHER_LIBS)

noinst_PROGRAMS += %D%/etherctl
%C%_etherctl_SOURCES = %D%/etherctl.c
%C%_etherctl_CPPFLAGS = $(ETHER_CPPFLAGS)

test_programs += %D%/room/test-snoop
%C%_room_test_snoop_SOURCES = %D%/room/test-snoop.c
%C%_room_test_snoop_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_room_test_snoop_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/room/test-vhci
%C%_room_test_vhci_SOURCES = %D%/room/test-vhci.c
%C%_room_test_vhci_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_room_test_vhci_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/room/test-pace
%C%_room_test_pace_SOURCES = %D%/room/test-pace.c
%C%_room_test_pace_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_room_test_pace_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/room/test-agenda
%C%_room_test_agenda_SOURCES = %D%/room/test-agenda.c
%C%_room_test_agenda_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_room_test_agenda_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/room/test-room
%C%_room_test_room_SOURCES = %D%/room/test-room.c
%C%_room_test_room_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_room_test_room_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/order/test-server
%C%_order_test_server_SOURCES = %D%/order/test-server.c
%C%_order_test_server_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_order_test_server_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/order/test-value
%C%_order_test_value_SOURCES = %D%/order/test-value.c
%C%_order_test_value_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_order_test_value_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

# A room whose controllers' hosts are the test's.
ETHER_LAB = %D%/order/lab.c %D%/order/lab.h

test_programs += %D%/order/test-order
%C%_order_test_order_SOURCES = %D%/order/test-order.c $(ETHER_LAB)
%C%_order_test_order_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_order_test_order_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

test_programs += %D%/test-ether
%C%_test_ether_SOURCES = %D%/test-ether.c $(ETHER_LAB)
%C%_test_ether_CPPFLAGS = $(ETHER_CPPFLAGS)
%C%_test_ether_LDADD = $(ETHER_LIBS) $(CMOCKA_LIBS)

TESTS += %D%/test-programs
EXTRA_DIST += %D%/test-programs
