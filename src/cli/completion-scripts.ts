// What a shell has to be told so that it completes `egresslab`: it asks `egresslab completion -- WORDS`
// and offers files where that prints nothing.

/** Reads COMP_WORDS; works in bash 3.2, too. */
const BASH = `_egresslab() {
  local IFS=$'\\n'
  COMPREPLY=($(egresslab completion -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _egresslab egresslab
`;

const ZSH = `#compdef egresslab
_egresslab() {
  local -a found
  found=("\${(@f)$(egresslab completion -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then compadd -a found; else _files; fi
}
if [[ "\${funcstack[1]}" == _egresslab ]]; then _egresslab "$@"; else compdef _egresslab egresslab; fi
`;

const FISH = `function __egresslab_complete
    set -l before (commandline -opc)
    set -e before[1]
    set -l current (commandline -ct)
    egresslab completion -- $before "$current" 2>/dev/null
end
complete -c egresslab -a '(__egresslab_complete)'
`;

/** By the name of the shell. */
export const COMPLETION_SCRIPTS: Readonly<Record<'bash' | 'zsh' | 'fish', string>> = {
  bash: BASH,
  zsh: ZSH,
  fish: FISH,
};
