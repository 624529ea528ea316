# bash completion for enroll-code(1)

_enroll_code_words() {
    local always='--help --version'
    local issuer='--directory= --capabilities= --products='
    local device='--serial= --product= --maker= --model= --software= --reach='
    local make='--card= --issuer= --output= --counter= --unsigned --form= --binary'
    local show='--json --source --issuers= --secret'
    local qr='--binary --png= --svg= --terminal --level= --scale='
    case $1 in
    verbs) echo issuer device make show qr ;;
    every_option) echo "$issuer $device $make -o= $show $qr $always" ;;
    options)
        case $2 in
        issuer) echo "$issuer $always" ;;
        device) echo "$device $always" ;;
        make) echo "$make $always" ;;
        show) echo "$show $always" ;;
        qr) echo "$qr $always" ;;
        *) echo "$always" ;;
        esac
        ;;
    value)
        case $2 in
        --directory | --card | --issuer | --output | -o | --issuers | --png | --svg) echo @file ;;
        --capabilities) echo channel.publish channel.command key.forward ;;
        --reach) echo ble stream ble,stream ;;
        --form) echo paste qr ;;
        --level) echo L M Q H ;;
        esac
        ;;
    argument)
        case $2 in
        device | make | show | qr) echo @file ;;
        esac
        ;;
    esac
}

_enroll_code() { _enroll_complete enroll_code; }
complete -F _enroll_code enroll-code
