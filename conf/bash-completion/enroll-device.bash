# bash completion for enroll-device(1)

_enroll_device_words() {
    local options='--identity= --state= --link= --bus= --no-coc --temperature= --reset --fault= --help --version'
    case $1 in
    options | every_option) echo "$options" ;;
    value)
        case $2 in
        --identity | --state | --temperature) echo @file ;;
        --link) echo ble: unix: ;;
        --fault) echo power-off-before= power-off-after= lose= function= ;;
        esac
        ;;
    esac
}

_enroll_device() { _enroll_complete enroll_device; }
complete -F _enroll_device enroll-device
