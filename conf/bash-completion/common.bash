# SPDX-License-Identifier: Apache-2.0
# Completion of a program whose words a function _PROGRAM_words prints, needing nothing but bash:
#
#   verbs           its verbs, none if it has none
#   options VERB    the options of this verb, "" before there is one; --name= takes a value, --name[=] may
#   every_option    the options of all verbs
#   value OPTION    what the value may be, @file for files; a word that ends in = or : is followed by more
#   argument VERB   what an argument of the verb may be

# Offers words, and files for @file, that begin with $1.
_enroll_offer() {
    local begin=$1 words=$2
    mapfile -t COMPREPLY < <(compgen -W "${words//@file/}" -- "$begin")
    if [[ " $words " == *' @file '* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$begin")
    fi
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *[=:] ]] || compopt -o nospace 2>/dev/null
}

# The words before the cursor as they were typed, in typed: bash makes each = and : a word of its own.
_enroll_typed() {
    local line=$COMP_LINE i word
    typed=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $i -eq 0 || $line == [[:space:]]* ]]; then
            typed+=("$word")
        else
            typed[-1]+=$word
        fi
        line=${line#"${line%%[![:space:]]*}"}
        line=${line#"$word"}
    done
}

# The verb among the words before the current one: the first that is neither an option nor its value.
_enroll_verb() {
    local options i before=
    options=" $("_$1_words" every_option) "
    for ((i = 1; i < ${#typed[@]} - 1; i++)); do
        if [[ ${typed[i]} != -* && $options != *" $before= "* ]]; then
            echo "${typed[i]}"
            return
        fi
        before=${typed[i]}
    done
}

# The value that an option was given before the current word.
_enroll_value() {
    local i value=
    for ((i = 1; i < ${#typed[@]} - 1; i++)); do
        case ${typed[i]} in
        "$1"=*) value=${typed[i]#*=} ;;
        "$1") value=${typed[i + 1]} ;;
        esac
    done
    echo "${value//[\"\']/}"
}

_enroll_complete() {
    local program=$1 typed current before prefix='' options verb shown=${COMP_WORDS[COMP_CWORD]}
    _enroll_typed
    current=${typed[-1]}
    before=${typed[-2]}
    options=" $("_${program}_words" every_option) "
    verb=$(_enroll_verb "$program")
    if [[ $current == --*=* ]]; then
        before=${current%%=*} prefix=$before=
        current=${current#*=}
        [[ $options == *" $before= "* || $options == *" ${before}[=] "* ]] || return
        _enroll_offer "$current" "$("_${program}_words" value "$before")"
    elif [[ $options == *" $before= "* ]]; then
        _enroll_offer "$current" "$("_${program}_words" value "$before")"
    elif [[ $current == -* ]]; then
        options=$("_${program}_words" options "$verb")
        options=${options//'[=]'/}
        _enroll_offer "$current" "${options//=/}"
    elif [[ -z $verb && -n $("_${program}_words" verbs) ]]; then
        _enroll_offer "$current" "$("_${program}_words" verbs)"
    else
        _enroll_offer "$current" "$("_${program}_words" argument "$verb")"
    fi
    # Bash replaces what follows the last = or : only.
    [[ $shown != [=:] ]] || shown=''
    current=$prefix$current
    COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
    COMPREPLY=("${COMPREPLY[@]#"${current%"$shown"}"}")
}
