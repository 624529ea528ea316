# bash completion for enroll-code(1)

_enroll_code_words() {
    local always='--help --version'
    local issuer='--directory= --capabilities= --products='
    local device='--serial= --product= --maker= --model= --software= --reach='
    local make='--card= --issuer= --output= --counter= --unsigned --form= --binary'
    local show='--json --source --issuers= --secret'
    local qr='--binary --png= --svg= --terminal --level= --scale='
    local ndef='--record= --base= --memory --output='
    local write_tag='--record= --base= --reader= --seconds= --writer='
    case $1 in
    verbs) echo issuer device make show qr ndef write-tag ;;
    every_option) echo "$issuer $device $make -o= $show $qr $ndef $write_tag $always" ;;
    options)
        case $2 in
        issuer) echo "$issuer $always" ;;
        device) echo "$device $always" ;;
        make) echo "$make $always" ;;
        show) echo "$show $always" ;;
        qr) echo "$qr $always" ;;
        ndef) echo "$ndef $always" ;;
        write-tag) echo "$write_tag $always" ;;
        *) echo "$always" ;;
        esac
        ;;
    value)
        case $2 in
        --directory | --card | --issuer | --output | -o | --issuers | --png | --svg | --writer) echo @file ;;
        --capabilities) echo channel.publish channel.command key.forward ;;
        --reach) echo ble stream ble,stream ;;
        --form) echo paste qr ;;
        --record) echo mime text uri ;;
        --reader) echo auto pn532_uart:/dev/ ;;
        --level) echo L M Q H ;;
        esac
        ;;
    argument)
        case $2 in
        device | make | show | qr | ndef | write-tag) echo @file ;;
        esac
        ;;
    esac
}

_enroll_code() { _enroll_complete enroll_code; }
complete -F _enroll_code enroll-code
