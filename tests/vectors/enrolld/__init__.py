# SPDX-License-Identifier: Apache-2.0
"""A second implementation of doc/code.md and doc/protocol.md, written from their text alone.

Its purpose is to disagree: with the C code where that is wrong, and with the documents where they say too little. It is
also meant to be read by who writes a device or a hub in another language. Nothing here waits, opens or logs anything;
tests/vectors/device.py and hub.py put it behind a socket.

    cbor      the deterministic subset of CBOR            doc/code.md section 2
    text      Base45 and the text form                    doc/code.md section 1
    half      the tables of verbs, and their verifier     doc/code.md section 4
    code      envelope and payload                        doc/code.md sections 2 and 3
    keys      what is derived from S, D and psk_own       doc/protocol.md sections 1 to 5
    noise     Noise_XKpsk3 and Noise_KKpsk2               Noise Protocol Framework, revision 34
    link      fragments and COBS                          doc/protocol.md section 2
    message   messages and bodies                         doc/protocol.md sections 3 and 4.1
    session   what both ends of a session share           doc/protocol.md section 4.2
    hub       the hub's end                               doc/protocol.md sections 4 and 5
    device    the device's end, and its record            doc/protocol.md sections 4 to 7
"""
