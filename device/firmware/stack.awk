# Reads `avr-objdump -d` of the firmware and says how deep the stack can get: the deepest chain of calls from main, and on
# top of it the deepest interrupt, as none interrupts another. Bytes of RAM in use are given as -v ram=N.

/^[0-9a-f]+ <.*>:$/ {
  name = $2
  gsub(/[<>:]/, "", name)
  framed = 0
  own[name] = 2  # the return address
  next
}

# One column of addresses, one of bytes, then the instruction.
{
  split($0, column, "\t")
  instruction = column[3]
  operand = column[4]
}

instruction == "push" { own[name] += 1 }

# Room for locals: two bytes each by calling the next instruction, or by moving the frame pointer down.
instruction == "rcall" && operand ~ /^\.\+0/ { own[name] += 2; next }
(instruction == "sbiw" || instruction == "subi") && operand ~ /^r28, / && !framed {
  split(operand, part, ", ")
  low = hex(part[2])
  own[name] += low
  framed = NR
  next
}
instruction == "sbci" && operand ~ /^r29, / && framed == NR - 1 {
  split(operand, part, ", ")
  own[name] += 256 * hex(part[2])
}

instruction ~ /^(r?call|r?jmp)$/ && match($0, /<[^>+]*>/) {
  target = substr($0, RSTART + 1, RLENGTH - 2)
  if (target != name) calls[name] = calls[name] " " target
  if (instruction ~ /call/) called[target] = 1
}
instruction == "icall" { indirect[name] = 1 }

function hex(text,    i, value) {
  value = 0
  for (i = 3; i <= length(text); i++) value = 16 * value + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
  return value
}

function depth(of, path,    each, targets, count, deepest, here) {
  if (of in known) return known[of]
  if (index(path, " " of " ")) { print "stack: " of " calls itself"; failed = 1; exit 1 }
  count = split(calls[of], targets, " ")
  deepest = 0
  for (each = 1; each <= count; each++) {
    if (!(targets[each] in own)) continue
    here = depth(targets[each], path of " ")
    if (here > deepest) deepest = here
  }
  if (of in indirect) {
    # Through a table of functions: whichever nobody calls by name.
    for (each in own) {
      if (each in called || each !~ /^_Z/) continue
      here = depth(each, path of " ")
      if (here > deepest) deepest = here
    }
  }
  return known[of] = own[of] + deepest
}

END {
  if (failed) exit 1
  for (each in own) if (each ~ /^__vector_/) {
    here = depth(each, " ")
    if (here > interrupt) interrupt = here
  }
  program = depth("main", " ")
  free = 2048 - ram
  printf "Stack:  %6d bytes at most (program %d, interrupt %d) of %d, head-room %d\n", program + interrupt, program, interrupt, free, free - program - interrupt
  if (program + interrupt > free) exit 1
}
