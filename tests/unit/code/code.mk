# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-capability
test_programs += %D%/test-code
test_programs += %D%/test-envelope
test_programs += %D%/test-issuer
test_programs += %D%/test-paste
test_programs += %D%/test-payload
test_programs += %D%/test-text
