# bash completion for enrollctl(1)

_enrollctl_words() {
    local always='--json[=] --timeout= --color= --bus= --quiet --help --version'
    local enrolling='--set= --dry-run' bus
    case $1 in
    verbs) echo scan open close enroll replace catalogue fetch list info rename keys remove forget set get options monitor status clean-mqtt cancel ;;
    every_option) echo "--name= $enrolling --seconds= --file= --other-model --later --all --force --hub= $always" ;;
    options)
        case $2 in
        open) echo "--seconds= $always" ;;
        scan) echo "--name= $enrolling --seconds= $always" ;;
        enroll) echo "--name= $enrolling --file= --later $always" ;;
        catalogue) echo "--later --all $always" ;;
        fetch) echo "--later $always" ;;
        replace) echo "$enrolling --seconds= --file= --other-model $always" ;;
        clean-mqtt) echo "--dry-run --hub= $always" ;;
        remove | forget) echo "--force $always" ;;
        *) echo "$always" ;;
        esac
        ;;
    value)
        case $2 in
        --file) echo @file ;;
        --json) echo lines ;;
        --color) echo auto always never ;;
        --set)
            printf '%s= ' name location owner system system_key gateway gateway_key time latitude longitude altitude \
                organization room purpose
            ;;
        esac
        ;;
    argument)
        bus=$(_enroll_value --bus)
        case $2 in
        enroll) echo @file ;;
        catalogue)
            echo list import allow forbid remove @file
            "${COMP_WORDS[0]}" ${bus:+"--bus=$bus"} catalogue list --quiet 2>/dev/null
            ;;
        info | rename | keys | remove | forget | set | get | options) "${COMP_WORDS[0]}" ${bus:+"--bus=$bus"} list --quiet 2>/dev/null ;;
        replace)
            echo @file
            "${COMP_WORDS[0]}" ${bus:+"--bus=$bus"} list --quiet 2>/dev/null
            ;;
        cancel)
            "${COMP_WORDS[0]}" ${bus:+"--bus=$bus"} status --json 2>/dev/null | sed -n 's/^ *"transaction": "\([0-9a-f]*\)".*/\1/p'
            ;;
        esac
        ;;
    esac
}

_enrollctl() { _enroll_complete enrollctl; }
complete -F _enrollctl enrollctl
