from userreg.cli import main

main(prog_name="userreg")
