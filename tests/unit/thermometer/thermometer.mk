# SPDX-License-Identifier: Apache-2.0
test_programs += %D%/test-identity
test_programs += %D%/test-thermometer
