# make demo | test | lint | bench | docs | package | other-qgis | clean. Each installs what it needs, once.
EXAMPLE ?= synthetic
ARGS ?=
SUITE ?= trixie
.PHONY: demo test lint bench docs package other-qgis pictures clean
export QGIS_PYTHON QGIS_PROCESS

demo:
	@scripts/setup.sh run
	@scripts/demo.sh $(EXAMPLE)

test:
	@scripts/setup.sh dev
	@scripts/in_qgis.sh .venv/bin/python -m pytest $(ARGS)

lint: package
	@scripts/lint.sh

bench:
	@scripts/setup.sh dev
	@scripts/in_qgis.sh .venv/bin/python -m benchmarks

docs:
	@scripts/setup.sh dev
	@scripts/in_qgis.sh .venv/bin/python scripts/tool_pages.py
	@NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --strict --quiet && echo "site: build/site/index.html"

package:
	@scripts/setup.sh dev
	@.venv/bin/python scripts/package.py $(if $(filter 1,$(RELEASE)),--release)

other-qgis:
	@scripts/other_qgis.sh $(SUITE) $(ARGS)

clean:
	rm -rf build

pictures: demo
	@.venv/bin/python scripts/pictures.py
