"""Sets the pages of one memo in a process of its own: JSON from standard input, the PDF to standard output. Only importer of
typst, which keeps some hundred megabytes of what it has set before."""

import json
import sys


def main() -> None:
    """Read {template, inputs, fonts, timestamp}, write the file; exit status 1 with the reason on standard error."""
    import typst

    job = json.load(sys.stdin.buffer)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=job["fonts"])
    compiler = typst.Compiler(job["template"].encode(), font_paths=fonts, sys_inputs=job["inputs"])
    try:
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=job["timestamp"])
    except typst.TypstError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    if isinstance(made, bytes):
        sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
