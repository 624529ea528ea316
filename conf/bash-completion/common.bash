# SPDX-License-Identifier: Apache-2.0
# Completion of a program whose words a function _PROGRAM_words prints, needing nothing but bash:
#
#   verbs           its verbs, none if it has none
#   options VERB    the options of this verb, "" before there is one; --name= takes a value, --name[=] may
#   every_option    the options of all verbs
#   value OPTION    what the value may be, @file for files; a word that ends in = is followed by another value
#   argument VERB   what an argument of the verb may be

# Offers words, and files for @file, that begin with $1.
_enroll_offer() {
    local begin=$1 words=$2
    mapfile -t COMPREPLY < <(compgen -W "${words//@file/}" -- "$begin")
    if [[ " $words " == *' @file '* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$begin")
    fi
    [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
}

# The verb among the words before the current one: the first that is neither an option nor its value.
_enroll_verb() {
    local program=$1 options i word before=
    options=" $("_${program}_words" every_option) "
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $word != -* && $word != = && $before != = && $options != *" $before= "* ]]; then
            echo "$word"
            return
        fi
        before=$word
    done
}

_enroll_complete() {
    local program=$1 current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local prefix='' joined='' options verb
    # Bash makes an = a word of its own, unless COMP_WORDBREAKS was changed.
    if [[ $current == = ]]; then
        current='' joined=yes
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]} joined=yes
    elif [[ $current == --*=* ]]; then
        before=${current%%=*} prefix=${current%%=*}= current=${current#*=} joined=yes
    fi
    options=" $("_${program}_words" every_option) "
    verb=$(_enroll_verb "$program")
    if [[ $options == *" $before= "* || (-n $joined && $options == *" ${before}[=] "*) ]]; then
        _enroll_offer "$current" "$("_${program}_words" value "$before")"
        COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
    elif [[ -n $joined ]]; then
        COMPREPLY=()
    elif [[ $current == -* ]]; then
        options=$("_${program}_words" options "$verb")
        options=${options//'[=]'/}
        _enroll_offer "$current" "${options//=/}"
    elif [[ -z $verb && -n $("_${program}_words" verbs) ]]; then
        _enroll_offer "$current" "$("_${program}_words" verbs)"
    else
        _enroll_offer "$current" "$("_${program}_words" argument "$verb")"
    fi
}

