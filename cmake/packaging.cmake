# packaging.cmake - `cpack -G DEB` makes one Debian package a component:
#   liblode0          the library                     (component library)
#   liblode-dev       header, pkg-config, CMake files (component development)
#   lode              the command                     (component command)
#   lode-mpi          its MPI module                  (component mpi)
#   gdal-plugin-lode  the GDAL plugin                 (component gdal)
#   qgis-plugin-lode  the QGIS Processing provider    (component qgis)
# Configure with -DCMAKE_INSTALL_PREFIX=/usr. docs/packaging.md says how, and how they are tested.
set(CPACK_PACKAGE_NAME lode)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_CONTACT "${LODE_MAINTAINER}")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL library development command)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(exact "liblode${PROJECT_VERSION_MAJOR} (= ${PROJECT_VERSION}-1)")

function(lode_package component name section description)
  string(TOUPPER ${component} upper)
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${description}" PARENT_SCOPE)
  set(docs ${CMAKE_BINARY_DIR}/packaging)
  install(FILES ${docs}/copyright ${docs}/changelog.Debian.gz COMPONENT ${component}
          DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name})
endfunction()

lode_package(library liblode${PROJECT_VERSION_MAJOR} libs
"Lode learns from a stack of geochemical and geophysical rasters, without
labels and then from known deposits, where else deposits are likely.
.
This package holds the shared library.")
file(WRITE ${CMAKE_BINARY_DIR}/packaging/triggers "activate-noawait ldconfig\n")
file(WRITE ${CMAKE_BINARY_DIR}/packaging/shlibs
     "liblode ${PROJECT_VERSION_MAJOR} liblode${PROJECT_VERSION_MAJOR} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
    ${CMAKE_BINARY_DIR}/packaging/triggers ${CMAKE_BINARY_DIR}/packaging/shlibs)

lode_package(development liblode-dev libdevel
"Lode learns from a stack of geochemical and geophysical rasters, without
labels and then from known deposits, where else deposits are likely.
.
This package holds the C header and the files for pkg-config and CMake.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${exact}")

lode_package(command lode science
"Lode learns from a stack of geochemical and geophysical rasters, without
labels and then from known deposits, where else deposits are likely.
.
This package holds the lode command.")
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "${exact}")
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS "gdal-bin")

if(TARGET lode_mpi)
  list(APPEND CPACK_COMPONENTS_ALL mpi)
  lode_package(mpi lode-mpi science
"Lode learns from a stack of geochemical and geophysical rasters, without
labels and then from known deposits, where else deposits are likely.
.
This package lets mpirun and srun start the lode command on many machines.")
  set(CPACK_DEBIAN_MPI_PACKAGE_DEPENDS "lode (= ${PROJECT_VERSION}-1)")
endif()

if(TARGET gdal_LODE)
  list(APPEND CPACK_COMPONENTS_ALL gdal)
  lode_package(gdal gdal-plugin-lode science
"Lode learns from a stack of geochemical and geophysical rasters, without
labels and then from known deposits, where else deposits are likely.
.
This package lets every GDAL program read the scores of a Lode model as
raster bands, and adds pixel functions for log-ratios and fuzzy logic.")
  set(CPACK_DEBIAN_GDAL_PACKAGE_DEPENDS "${exact}")
endif()

if(TARGET plugin)
  list(APPEND CPACK_COMPONENTS_ALL qgis)
  lode_package(qgis qgis-plugin-lode science
"Lode learns from a stack of geochemical and geophysical rasters, without
labels and then from known deposits, where else deposits are likely.
.
This package adds the tasks of Lode to the toolbox of QGIS.")
  set(CPACK_DEBIAN_QGIS_PACKAGE_DEPENDS
      "${exact}, python3, python3-qgis (>= 3.22), qgis (>= 3.22)")
  set(CPACK_DEBIAN_QGIS_PACKAGE_ARCHITECTURE all)
  set(CPACK_DEBIAN_QGIS_PACKAGE_SHLIBDEPS OFF)
  # Python leaves compiled files beside the plugin when an administrator runs QGIS.
  set(CPACK_DEBIAN_QGIS_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/qgis/prerm)
endif()

# ---- /usr/share/doc/PACKAGE --------------------------------------------------------------------------
file(READ ${CMAKE_SOURCE_DIR}/LICENSE licence)
string(REGEX REPLACE "^[^\n]*\n+([^\n]*)\n+" "" terms "${licence}")
string(REGEX MATCH "Copyright[^\n]*" holder "${licence}")
string(REGEX REPLACE "Copyright \\(c\\) " "" holder "${holder}")
string(STRIP "${terms}" terms)
string(REPLACE "\n\n" "\n.\n" terms "${terms}")
string(REPLACE "\n" "\n " terms "${terms}")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/packaging/copyright @ONLY CONTENT
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Lode

Files: *
Copyright: @holder@
License: Expat

License: Expat
 @terms@
")
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/packaging/changelog.Debian @ONLY CONTENT
"lode (@PROJECT_VERSION@-1) unstable; urgency=medium

  * Version @PROJECT_VERSION@; CHANGELOG.md in the source says what is new.

 -- @LODE_MAINTAINER@  @now@
")
execute_process(COMMAND gzip -9nkf ${CMAKE_BINARY_DIR}/packaging/changelog.Debian)

include(CPack)
